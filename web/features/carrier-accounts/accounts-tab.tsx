'use client'
import { Cable } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { listCarrierAccounts } from '#contracts/carrier-accounts'
import { Empty } from '../../components/empty.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useMay } from '../../lib/session.tsx'
import { AccountsTable } from './accounts-table.tsx'
import type { CarrierAccount } from './carrier-account.ts'

const RotateDialog = lazy(() =>
  import('./rotate-dialog.tsx').then((file) => ({ default: file.RotateDialog })),
)
const RenameDialog = lazy(() =>
  import('./rename-dialog.tsx').then((file) => ({ default: file.RenameDialog })),
)
const Disconnect = lazy(() =>
  import('./disconnect.tsx').then((file) => ({ default: file.Disconnect })),
)

export type Asking = { about: CarrierAccount; what: 'rotate' | 'rename' | 'disconnect' }

/** The organization's own Twilio accounts. Of a token only its end is ever shown. */
export function AccountsTab({ connect }: { connect: ReactNode }) {
  const t = useTranslations('numbers.accounts')
  const mayWrite = useMay('phone-numbers.write')
  const list = useEndpointPages(listCarrierAccounts, { query: {} })
  const [asking, setAsking] = useState<Asking | null>(null)
  const close = () => setAsking(null)
  return (
    <>
      <p className="max-w-2xl px-4 pb-3 text-soft md:px-6">{t('hint')}</p>
      <GrowingList
        list={list}
        loading={t('loading')}
        failed={t('failed')}
        end={t('allShown')}
        empty={
          <Empty
            icon={Cable}
            title={t('empty')}
            hint={mayWrite ? t('emptyHint') : t('emptyReader')}
            action={mayWrite && connect}
          />
        }
      >
        {(accounts) => <AccountsTable accounts={accounts} onAsk={setAsking} />}
      </GrowingList>
      <Suspense fallback={null}>
        {asking?.what === 'rotate' && <RotateDialog account={asking.about} onClose={close} />}
        {asking?.what === 'rename' && <RenameDialog account={asking.about} onClose={close} />}
        {asking?.what === 'disconnect' && <Disconnect account={asking.about} onClose={close} />}
      </Suspense>
    </>
  )
}
