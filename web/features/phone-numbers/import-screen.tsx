'use client'
import { ChevronLeft } from 'lucide-react'
import Link from 'next/link'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { listCarrierAccounts } from '#contracts/carrier-accounts'
import { PageHeader } from '../../components/page-header.tsx'
import { RadioCards } from '../../components/radio-cards.tsx'
import { Forbidden } from '../../components/refusals.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { AvailableNumbers } from './available-numbers.tsx'
import { HeldNumbers } from './held-numbers.tsx'
import { type Connect, PLATFORM, Source } from './source.tsx'
import { TakeOver } from './take-over.tsx'

const MANY = { query: { limit: 100 } } as const // The API's largest page; an organization connects 20 at most.
const ways = ['held', 'buy'] as const

type ImportScreenProps = {
  /** Asks for a Twilio account of the organization's own. */
  connect: Connect
}

/** Takes a number over, step by step: from where, which one, who answers it. */
export function ImportScreen(props: ImportScreenProps) {
  return useMay('phone-numbers.write') ? (
    <Steps {...props} />
  ) : (
    <Forbidden needs="phone-numbers.write" />
  )
}

function Steps({ connect }: ImportScreenProps) {
  const t = useTranslations('numbers.import')
  const [place, setPlace] = useQueryStates(
    { from: parseAsString, how: parseAsStringLiteral(ways), number: parseAsString },
    { history: 'push' },
  )
  const accounts = useEndpoint(listCarrierAccounts, MANY)
  const account = accounts.data?.items.find(({ id }) => id === place.from)
  const isPlatform = place.from === PLATFORM
  const isBuying = isPlatform || place.how === 'buy'
  const accountId = account?.id ?? null
  const choose = (number: string | null) => void setPlace({ number }, { history: 'replace' })
  return (
    <div className="mx-auto flex w-full min-w-0 max-w-3xl grow flex-col gap-6 px-4 pt-4 pb-10 md:px-6">
      <div>
        <Link
          href={paths.numbers()}
          className="-ml-1 mb-1 inline-flex h-6 w-fit items-center gap-1 rounded-sm pr-1 text-soft text-xs hover:text-ink"
        >
          <ChevronLeft aria-hidden className="size-3.5" />
          {t('toList')}
        </Link>
        <PageHeader title={t('title')} />
      </div>
      <Step count={1} title={t('from.title')}>
        <Source
          accounts={accounts}
          value={isPlatform || account ? place.from : null}
          onChange={(from) => void setPlace({ from, how: null, number: null })}
          connect={connect}
        />
      </Step>
      {(isPlatform || account) && (
        <Step count={2} title={t('which.title')}>
          {account && (
            <RadioCards
              label={t('which.how')}
              value={place.how ?? 'held'}
              options={ways.map((value) => ({ value, label: t(`which.${value}`) }))}
              onChange={(how) => void setPlace({ how, number: null })}
            />
          )}
          {account && !isBuying && (
            <HeldNumbers accountId={account.id} value={place.number} onChoose={choose} />
          )}
          {isBuying && (
            <AvailableNumbers
              key={accountId}
              accountId={accountId}
              value={place.number}
              onChoose={choose}
            />
          )}
        </Step>
      )}
      {(isPlatform || account) && place.number && (
        <Step count={3} title={t('answers.title')}>
          <TakeOver
            key={place.number}
            e164={place.number}
            accountId={accountId}
            isPurchase={isBuying}
          />
        </Step>
      )}
    </div>
  )
}

const Step = (props: { count: number; title: string; children: ReactNode }) => (
  <section aria-label={props.title} className="space-y-4">
    <h2 className="flex items-center gap-2.5 font-semibold text-base">
      <span
        aria-hidden
        className="inline-flex size-6 items-center justify-center rounded-full bg-brand/12 text-brand text-xs tabular-nums"
      >
        {props.count}
      </span>
      {props.title}
    </h2>
    {props.children}
  </section>
)
