'use client'
import { Plus } from 'lucide-react'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Forbidden } from '../../components/refusals.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { useMay } from '../../lib/session.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { AutoRecharge } from './auto-recharge.tsx'
import { BalanceDesk } from './balance-desk.tsx'
import { Ledger } from './ledger.tsx'
import { StatusOnly } from './status-only.tsx'
import { TopUpReturn } from './top-up-return.tsx'
import { UsageByDay } from './usage-by-day.tsx'

const Payments = lazy(() => import('./payments.tsx').then((file) => ({ default: file.Payments })))
const Statements = lazy(() =>
  import('./statements.tsx').then((file) => ({ default: file.Statements })),
)
const TopUpDialog = lazy(() =>
  import('./top-up-dialog.tsx').then((file) => ({ default: file.TopUpDialog })),
)

const tabKeys = ['ledger', 'payments', 'statements'] as const

/** The organization's money: what there is, how it came and where it went. Without the right to amounts only the state. */
export function WalletScreen(props: { leaveTo?: (url: string) => void }) {
  const seesAmounts = useMay('wallet.read')
  const seesStatus = useMay('wallet.status')
  if (seesAmounts) return <Wallet {...props} />
  return seesStatus ? <StatusOnly /> : <Forbidden needs="wallet.read" />
}

function Wallet({ leaveTo = leaveForGood }: { leaveTo?: (url: string) => void }) {
  const t = useTranslations('wallet')
  const refusal = useWriteRefusal()
  const mayTopUp = useMay('wallet.top-up')
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(tabKeys).withDefault('ledger'))
  const [isPaying, setPaying] = useState(false)
  const pay = () => setPaying(true)
  const topUp = mayTopUp && (
    <GuardedButton kind="primary" refusal={refusal} onClick={pay}>
      <Plus aria-hidden className="size-4" />
      {t('topUp')}
    </GuardedButton>
  )
  return (
    <>
      <div className="w-full max-w-[90rem] space-y-4 px-4 pt-5 pb-4 md:px-6">
        <PageHeader title={t('title')} actions={topUp || undefined} />
        <TopUpReturn onStartAgain={pay} />
        <div className="grid gap-4 lg:grid-cols-[3fr_2fr]">
          <BalanceDesk />
          <AutoRecharge />
        </div>
        <UsageByDay />
      </div>
      <Tabs
        label={t('tabs.label')}
        value={tab}
        onChange={(value) => void setTab(value, { history: 'push' })}
        listClassName="px-4 md:px-6"
        tabs={[
          { value: 'ledger', label: t('tabs.ledger'), content: <Ledger /> },
          {
            value: 'payments',
            label: t('tabs.payments'),
            content: (
              <Suspense fallback={null}>
                <Payments />
              </Suspense>
            ),
          },
          {
            value: 'statements',
            label: t('tabs.statements'),
            content: (
              <Suspense fallback={null}>
                <Statements />
              </Suspense>
            ),
          },
        ]}
      />
      {isPaying && (
        <Suspense fallback={null}>
          <TopUpDialog leaveTo={leaveTo} onClose={() => setPaying(false)} />
        </Suspense>
      )}
    </>
  )
}

/** To a page that is not ours: the payment service's. */
function leaveForGood(url: string): void {
  window.location.assign(url)
}
