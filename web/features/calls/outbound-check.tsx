'use client'
import { CircleCheck, Clock, TriangleAlert } from 'lucide-react'
import { useLocale, useTranslations } from 'use-intl'
import { checkOutboundCall } from '#contracts/calls'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { countryName } from '../../lib/countries.ts'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useReasonText } from './call-bits.tsx'

const REFRESH_MS = 30_000 // Hours open and close, and lines become free, while somebody types.
const MANY_ZONES = 3 // beyond it the earliest and the latest clock say enough

/** What stands against a call to this number now; asked for as soon as it is one. */
export function useOutboundCheck(asked: {
  agentId: string
  fromPhoneNumberId: string
  to: string | null
}) {
  const { agentId, fromPhoneNumberId, to } = asked
  return useEndpoint(
    checkOutboundCall,
    { query: { agentId, fromPhoneNumberId, to: to ?? '' } },
    { enabled: to !== null, refetchInterval: REFRESH_MS },
  )
}

export function OutboundCheck({ check }: { check: ReturnType<typeof useOutboundCheck> }) {
  const t = useTranslations('outbound.check')
  const locale = useLocale()
  const format = useFormat()
  const reasonText = useReasonText()
  const { data, isFetching, error } = check
  // Read out as it changes; the form goes on around it.
  return (
    <div role="status" className="min-h-10 text-xs">
      {!data && isFetching && <p className="text-soft">{t('checking')}</p>}
      {error && <p className="text-soft">{t('unknown')}</p>}
      {data && (
        <>
          <p className="flex items-center gap-1.5">
            {data.isAllowed ? (
              <CircleCheck aria-hidden className="size-4 shrink-0 text-ok" />
            ) : (
              <TriangleAlert aria-hidden className="size-4 shrink-0 text-warn" />
            )}
            <span>{data.isAllowed ? t('allowed') : reasonText(data.reason ?? '')}</span>
          </p>
          {data.localTimes.length > 0 && (
            <p className="mt-1 flex items-center gap-1.5 text-soft">
              <Clock aria-hidden className="size-4 shrink-0" />
              <span>
                {data.country && `${countryName(data.country, locale)}: `}
                {timesOf(data.localTimes)}
              </span>
            </p>
          )}
          {data.opensAt && (
            <p className="mt-1 text-soft">{t('opensAt', { when: format.moment(data.opensAt) })}</p>
          )}
        </>
      )}
    </div>
  )
}

type LocalTime = { zone: string; minute: number }

function timesOf(times: readonly LocalTime[]): string {
  const told = ({ zone, minute }: LocalTime) => `${clock(minute)} ${cityOf(zone)}`
  if (times.length <= MANY_ZONES) return times.map(told).join(', ')
  const sorted = times.toSorted((a, b) => a.minute - b.minute)
  return [sorted[0], sorted.at(-1)].flatMap((one) => (one ? [told(one)] : [])).join(' – ')
}

const cityOf = (zone: string): string => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ')

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
