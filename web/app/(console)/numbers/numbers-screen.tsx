'use client'
import { Plus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../../../components/guarded-button.tsx'
import { PageHeader } from '../../../components/page-header.tsx'
import { Forbidden } from '../../../components/refusals.tsx'
import { Tabs } from '../../../components/tabs.tsx'
import { NumbersTab } from '../../../features/phone-numbers/numbers-tab.tsx'
import { paths } from '../../../lib/paths.ts'
import { useMay } from '../../../lib/session.tsx'
import { useWriteRefusal } from '../../../lib/use-write-refusal.ts'

const AccountsTab = lazy(() =>
  import('../../../features/carrier-accounts/accounts-tab.tsx').then((file) => ({
    default: file.AccountsTab,
  })),
)
const ConnectDialog = lazy(() =>
  import('../../../features/carrier-accounts/connect-dialog.tsx').then((file) => ({
    default: file.ConnectDialog,
  })),
)

const tabKeys = ['numbers', 'accounts'] as const

/** The organization's phone numbers, and the Twilio accounts some of them are held by. */
export function NumbersScreen() {
  return useMay('phone-numbers.read') ? <Numbers /> : <Forbidden needs="phone-numbers.read" />
}

function Numbers() {
  const t = useTranslations('numbers')
  const router = useRouter()
  const mayWrite = useMay('phone-numbers.write')
  const refusal = useWriteRefusal()
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(tabKeys).withDefault('numbers'))
  const [isConnecting, setConnecting] = useState(false)
  const add = (
    <GuardedButton
      kind="primary"
      refusal={refusal}
      onClick={() => router.push(paths.importNumber())}
    >
      <Plus aria-hidden className="size-4" />
      {t('add')}
    </GuardedButton>
  )
  const connect = (
    <GuardedButton kind="primary" refusal={refusal} onClick={() => setConnecting(true)}>
      <Plus aria-hidden className="size-4" />
      {t('accounts.connect.open')}
    </GuardedButton>
  )
  return (
    <>
      <div className="px-4 pt-5 pb-1 md:px-6">
        <PageHeader
          title={t('title')}
          note={mayWrite ? undefined : t('readOnly')}
          actions={mayWrite && (tab === 'numbers' ? add : connect)}
        />
      </div>
      <Tabs
        label={t('tabs.label')}
        value={tab}
        onChange={(value) => void setTab(value, { history: 'push' })}
        listClassName="px-4 md:px-6"
        tabs={[
          { value: 'numbers', label: t('tabs.numbers'), content: <NumbersTab add={add} /> },
          {
            value: 'accounts',
            label: t('tabs.accounts'),
            content: (
              <Suspense fallback={null}>
                <AccountsTab connect={connect} />
              </Suspense>
            ),
          },
        ]}
      />
      {isConnecting && (
        <Suspense fallback={null}>
          <ConnectDialog onConnected={() => undefined} onClose={() => setConnecting(false)} />
        </Suspense>
      )}
    </>
  )
}
