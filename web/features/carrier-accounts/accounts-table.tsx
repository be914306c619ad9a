'use client'
import { CircleCheck, Ellipsis, TriangleAlert } from 'lucide-react'
import Link from 'next/link'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { IconButton } from '../../components/icon-button.tsx'
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../components/menu.tsx'
import { Moment } from '../../components/moment.tsx'
import { StatusChip } from '../../components/status-chip.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import type { Asking } from './accounts-tab.tsx'
import { type CarrierAccount, nameOf } from './carrier-account.ts'

const NOW_MS = 60_000
const looks = {
  verified: { icon: CircleCheck, tone: 'ok' },
  refused: { icon: TriangleAlert, tone: 'bad' },
} as const

type AccountsTableProps = {
  accounts: readonly CarrierAccount[]
  onAsk(asking: Asking): void
}

export function AccountsTable(props: AccountsTableProps) {
  const t = useTranslations('numbers.accounts')
  return (
    <DataTable
      caption={t('caption')}
      columns={useColumns(props.onAsk)}
      rows={props.accounts}
      rowKey={(account) => account.id}
    />
  )
}

function useColumns(onAsk: AccountsTableProps['onAsk']): Column<CarrierAccount>[] {
  const t = useTranslations('numbers.accounts')
  const format = useFormat()
  const now = useNow(NOW_MS)
  const mayWrite = useMay('phone-numbers.write')
  return useMemo(() => {
    const columns: (Column<CarrierAccount> | false)[] = [
      {
        key: 'name',
        header: t('columns.name'),
        className: 'max-w-0 w-[45%] py-1.5',
        cell: (account) => (
          <>
            <span className="block truncate font-medium">{nameOf(account)}</span>
            {account.label && (
              <code title={account.twilioAccountSid} className="block truncate text-soft text-xs">
                {account.twilioAccountSid}
              </code>
            )}
          </>
        ),
      },
      {
        key: 'state',
        header: t('columns.state'),
        className: 'py-1.5',
        cell: ({ state }) => (
          <>
            <StatusChip {...looks[state]} label={t(`states.${state}`)} />
            {state === 'refused' && (
              <span className="block max-w-64 text-soft text-xs">{t('refusedHint')}</span>
            )}
          </>
        ),
      },
      {
        key: 'token',
        header: t('columns.token'),
        from: 'md',
        className: 'whitespace-nowrap',
        cell: ({ authTokenLastFour }) => (
          <span className="tabular-nums">{t('token', { lastFour: authTokenLastFour })}</span>
        ),
      },
      {
        key: 'verified',
        header: t('columns.verified'),
        from: 'sm',
        cell: ({ verifiedAt }) => <Moment at={verifiedAt} now={now} />,
      },
      {
        key: 'numbers',
        header: t('columns.numbers'),
        isNumeric: true,
        from: 'sm',
        cell: ({ id, phoneNumbers }) =>
          phoneNumbers > 0 ? (
            <Link
              href={paths.numbers({ account: id })}
              className="rounded-sm underline underline-offset-2 hover:text-brand"
            >
              {format.number(phoneNumbers)}
            </Link>
          ) : (
            '0'
          ),
      },
      mayWrite && {
        key: 'actions',
        header: <span className="sr-only">{t('columns.actions')}</span>,
        className: 'w-12 text-right',
        cell: (account) => <Actions account={account} onAsk={onAsk} />,
      },
    ]
    return columns.filter((column) => column !== false)
  }, [t, format, now, mayWrite, onAsk])
}

function Actions({ account, onAsk }: { account: CarrierAccount; onAsk(asking: Asking): void }) {
  const t = useTranslations('numbers.accounts')
  const refusal = useWriteRefusal()
  const isInUse = account.phoneNumbers > 0
  const ask = (what: Asking['what']) => () => onAsk({ about: account, what })
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={t('actionsOf', { name: nameOf(account) })}>
          <Ellipsis aria-hidden className="size-4" />
        </IconButton>
      }
    >
      {refusal && (
        <>
          <MenuLabel>{refusal}</MenuLabel>
          <MenuLine />
        </>
      )}
      <MenuItem disabled={refusal !== null} onSelect={ask('rename')}>
        {t('rename.open')}
      </MenuItem>
      <MenuItem disabled={refusal !== null} onSelect={ask('rotate')}>
        {t('rotate.open')}
      </MenuItem>
      <MenuItem
        disabled={refusal !== null || isInUse}
        onSelect={ask('disconnect')}
        className="h-auto min-h-8 flex-wrap gap-y-0 py-1"
      >
        {t('disconnect.open')}
        {isInUse && (
          <span className="w-full text-xs">
            {t('disconnect.inUse', { count: account.phoneNumbers })}
          </span>
        )}
      </MenuItem>
    </Menu>
  )
}
