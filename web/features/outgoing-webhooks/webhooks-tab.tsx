'use client'
import { Plus, Webhook } from 'lucide-react'
import { parseAsString, useQueryState } from 'nuqs'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { listWebhookEndpoints, type webhookEndpoint } from '#contracts/outgoing-webhooks'
import { Empty } from '../../components/empty.tsx'
import { FeatureOff } from '../../components/feature-off.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useMe } from '../../lib/session.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { EndpointsTable } from './endpoints-table.tsx'

const EndpointDialog = lazy(() =>
  import('./endpoint-dialog.tsx').then((file) => ({ default: file.EndpointDialog })),
)
const EndpointDetail = lazy(() =>
  import('./endpoint-detail.tsx').then((file) => ({ default: file.EndpointDetail })),
)

export type WebhookEndpoint = z.output<typeof webhookEndpoint>

/** Addresses of the organization's own systems that hear of its events; one of them in detail where the address names it. */
export function WebhooksTab() {
  const isOff = useMe().membership?.featuresOff.includes('webhooks')
  return isOff ? <FeatureOff /> : <Webhooks />
}

function Webhooks() {
  const t = useTranslations('settings.webhooks')
  const refusal = useWriteRefusal()
  const [endpointId, setEndpointId] = useQueryState('endpoint', parseAsString)
  const [isAdding, setAdding] = useState(false)
  const list = useEndpointPages(listWebhookEndpoints, { query: {} })
  const endpoint = list.items?.find(({ id }) => id === endpointId)
  if (endpoint) {
    return (
      <Suspense fallback={null}>
        <EndpointDetail endpoint={endpoint} onBack={() => void setEndpointId(null)} />
      </Suspense>
    )
  }
  const add = (
    <GuardedButton kind="primary" refusal={refusal} onClick={() => setAdding(true)}>
      <Plus aria-hidden className="size-4" />
      {t('add')}
    </GuardedButton>
  )
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-2xl text-soft">{t('hint')}</p>
        {list.items && list.items.length > 0 && add}
      </div>
      <div className="-mx-4 md:-mx-6">
        <GrowingList
          list={list}
          loading={t('loading')}
          failed={t('failed')}
          end={t('allShown')}
          empty={<Empty icon={Webhook} title={t('empty')} hint={t('emptyHint')} action={add} />}
        >
          {(endpoints) => (
            <EndpointsTable
              endpoints={endpoints}
              onOpen={(id) => void setEndpointId(id, { history: 'push' })}
            />
          )}
        </GrowingList>
      </div>
      {isAdding && (
        <Suspense fallback={null}>
          <EndpointDialog endpoint={null} onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </>
  )
}
