'use client'
import { KeyRound, Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { type apiKey, listApiKeys } from '#contracts/api-keys'
import { Empty } from '../../components/empty.tsx'
import { FeatureOff } from '../../components/feature-off.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useMe } from '../../lib/session.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { ApiKeysTable } from './api-keys-table.tsx'
import { RevokeKey } from './revoke-key.tsx'

const CreateKey = lazy(() =>
  import('./create-key.tsx').then((file) => ({ default: file.CreateKey })),
)

export type ApiKey = z.output<typeof apiKey>

/** Keys by which the organization's own programs reach the API. */
export function ApiKeysTab() {
  const isOff = useMe().membership?.featuresOff.includes('api_keys')
  return isOff ? <FeatureOff /> : <ApiKeys />
}

function ApiKeys() {
  const t = useTranslations('settings.apiKeys')
  const refusal = useWriteRefusal()
  const list = useEndpointPages(listApiKeys, { query: {} })
  const [isCreating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<ApiKey | null>(null)
  const create = (
    <GuardedButton kind="primary" refusal={refusal} onClick={() => setCreating(true)}>
      <Plus aria-hidden className="size-4" />
      {t('create')}
    </GuardedButton>
  )
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-2xl text-soft">{t('hint')}</p>
        {list.items && list.items.length > 0 && create}
      </div>
      <div className="-mx-4 md:-mx-6">
        <GrowingList
          list={list}
          loading={t('loading')}
          failed={t('failed')}
          end={t('allShown')}
          empty={<Empty icon={KeyRound} title={t('empty')} hint={t('emptyHint')} action={create} />}
        >
          {(keys) => <ApiKeysTable apiKeys={keys} onRevoke={setRevoking} />}
        </GrowingList>
      </div>
      {isCreating && (
        <Suspense fallback={null}>
          <CreateKey onClose={() => setCreating(false)} />
        </Suspense>
      )}
      {revoking && <RevokeKey apiKey={revoking} onClose={() => setRevoking(null)} />}
    </>
  )
}
