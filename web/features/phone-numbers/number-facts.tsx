'use client'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { listCarrierAccounts } from '#contracts/carrier-accounts'
import { Fact, Facts } from '../../components/facts.tsx'
import { Moment } from '../../components/moment.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useNow } from '../../lib/use-now.ts'
import { Capabilities } from './capabilities.tsx'
import type { PhoneNumber } from './phone-number.ts'

const NOW_MS = 60_000
const MANY = { query: { limit: 100 } } as const // The API's largest page; an organization connects 20 at most.

/** What is known of a number and cannot be changed here. */
export function NumberFacts({ number }: { number: PhoneNumber }) {
  const t = useTranslations('numbers.facts')
  const format = useFormat()
  const now = useNow(NOW_MS)
  return (
    <section aria-label={t('label')} className="rounded-card border border-line bg-panel px-4 py-2">
      <Facts>
        <Fact name={t('number')} copies={number.e164}>
          <span className="tabular-nums">{number.e164}</span>
        </Fact>
        <Fact name={t('account')}>
          <Account id={number.carrierAccountId} />
        </Fact>
        <Fact name={t('capabilities')}>
          <Capabilities of={number.capabilities} />
        </Fact>
        <Fact name={t('calls')}>
          <Link
            href={paths.calls({ number: number.e164 })}
            className="underline underline-offset-2 hover:text-brand"
          >
            {format.number(number.callsLast7Days)}
          </Link>
        </Fact>
        <Fact name={t('checked')}>
          {number.checkedAt ? <Moment at={number.checkedAt} now={now} style="ago" /> : t('never')}
        </Fact>
        <Fact name={t('added')}>
          <Moment at={number.createdAt} now={now} />
        </Fact>
      </Facts>
    </section>
  )
}

function Account({ id }: { id: string | null }) {
  const t = useTranslations('numbers.facts')
  const accounts = useEndpoint(listCarrierAccounts, MANY, { enabled: id !== null })
  if (id === null) return t('platform')
  const found = accounts.data?.items.find((account) => account.id === id)
  if (!found) return accounts.isPending ? '…' : t('ownAccount')
  return found.label || found.twilioAccountSid
}
