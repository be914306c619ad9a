'use client'
import { useTranslations } from 'use-intl'
import { Fact, Facts } from '../../components/facts.tsx'
import { Moment } from '../../components/moment.tsx'
import { Phone } from '../../components/phone.tsx'
import { formatMs } from '../../lib/format/duration.ts'
import { useFormat, useTimeZone } from '../../lib/intl/use-format.tsx'
import { useNow } from '../../lib/use-now.ts'
import { useReasonText } from './call-bits.tsx'
import type { Call } from './call-status.ts'
import { OutboundFacts } from './outbound-facts.tsx'

const NOW_MS = 60_000
const KILOBYTE = 1_000

/** Everything known about the call that is not said in it; each id can be copied. */
export function CallDetails({ call }: { call: Call }) {
  const t = useTranslations('calls.details')
  const format = useFormat()
  const reasonText = useReasonText()
  const timeZone = useTimeZone()
  const now = useNow(NOW_MS)
  const { recording } = call
  const moments = [
    ['created', call.createdAt],
    ['live', call.liveAt],
    ['ended', call.endedAt],
    ['settled', call.settledAt],
  ] as const
  return (
    <div className="space-y-6">
      {call.vendorSummary && (
        <div>
          <h2 className="mb-1 font-medium">{t('summary')}</h2>
          <p className="text-pretty">{call.vendorSummary}</p>
        </div>
      )}
      <Facts>
        <Fact name={t('from')} copies={call.fromNumber}>
          <Phone number={call.fromNumber} />
        </Fact>
        <Fact name={t('to')} copies={call.toNumber}>
          <Phone number={call.toNumber} />
        </Fact>
        <Fact name={t('route')}>{t(`routes.${call.route}`)}</Fact>
        <Fact name={t('reason')}>{reasonText(call.reason)}</Fact>
        {moments.map(
          ([key, at]) =>
            at && (
              <Fact key={key} name={t(key)}>
                <Moment at={at} now={now} />{' '}
                <span className="text-soft">{format.ago(at, now)}</span>
              </Fact>
            ),
        )}
        <Fact name={t('timeZone')}>{timeZone}</Fact>
      </Facts>
      {call.outbound && <OutboundFacts outbound={call.outbound} />}
      {recording && (
        <div>
          <h2 className="mb-1 font-medium">{t('recording')}</h2>
          <Facts>
            <Fact name={t('length')}>{formatMs(recording.durationMs)}</Fact>
            <Fact name={t('size')}>
              {format.number(recording.sizeBytes / KILOBYTE, {
                style: 'unit',
                unit: 'kilobyte',
                maximumFractionDigits: 0,
              })}
            </Fact>
            <Fact name="SHA-256" copies={recording.sha256}>
              <code className="block truncate text-xs">{recording.sha256}</code>
            </Fact>
          </Facts>
        </div>
      )}
      <div>
        <h2 className="mb-1 font-medium">{t('ids')}</h2>
        <Facts>
          <Id name={t('callId')} id={call.id} />
          <Id name="Twilio" id={call.twilioCallSid} />
          <Id name="ElevenLabs" id={call.elevenLabsConversationId} />
        </Facts>
      </div>
    </div>
  )
}

const Id = ({ name, id }: { name: string; id: string | null }) =>
  id && (
    <Fact name={name} copies={id}>
      <code className="block truncate text-xs">{id}</code>
    </Fact>
  )
