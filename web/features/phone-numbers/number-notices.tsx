'use client'
import { useQueryClient } from '@tanstack/react-query'
import { BotOff, FlaskConical, PhoneCall, RefreshCw, TriangleAlert } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { getPhoneNumber, repairDrift, retryPhoneNumber } from '#contracts/phone-numbers'
import { ErrorBox } from '../../components/error-box.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { classes } from '../../lib/classes.ts'
import { formatPhone } from '../../lib/format/phone.ts'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay, useMe } from '../../lib/session.tsx'
import { useCallRefusal } from '../../lib/use-call-refusal.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { DriftTable } from './drift-table.tsx'
import { isWorking, type PhoneNumber } from './phone-number.ts'
import { useRefreshNumbers } from './use-refresh-numbers.ts'

/** What there is to know, or to do, about a number before anything else. */
export function NumberNotices({ number }: { number: PhoneNumber }) {
  if (number.state === 'failed' || (number.state === 'releasing' && number.error)) {
    return <Failed number={number} />
  }
  if (isWorking(number)) return <Working number={number} />
  if (number.state !== 'active') return null
  if (number.drift.length > 0) return <Drifted number={number} />
  if (number.health === 'no_agent') return <NoAgent />
  if (number.health === 'agent_not_ready') return <AgentNotReady number={number} />
  return number.callsLast7Days === 0 ? <CallIt number={number} /> : null
}

const vendorNames = { twilio: 'Twilio', elevenlabs: 'ElevenLabs' } as const

function Failed({ number }: { number: PhoneNumber }) {
  const t = useTranslations('numbers')
  const { error, step } = number
  const vendor = Object.entries(vendorNames).find(([key]) => key === error?.vendor)?.[1]
  return (
    <Notice
      tone="bad"
      icon={<TriangleAlert aria-hidden className="size-4 text-bad" />}
      title={step ? t('notices.failedAt', { step: t(`steps.${step}`) }) : t('notices.failed')}
      action={<SendAgain number={number} with={retryPhoneNumber} label={t('notices.retry')} />}
    >
      {error && (
        <>
          <p className="break-words">
            {vendor ? t('notices.vendorSays', { vendor, message: error.message }) : error.message}
          </p>
          <p className="text-soft text-xs">{t('notices.code', { code: error.code })}</p>
        </>
      )}
    </Notice>
  )
}

function Working({ number }: { number: PhoneNumber }) {
  const t = useTranslations('numbers')
  const format = useFormat()
  const { state, step, error, nextTryAt } = number
  const key = state === 'importing' || state === 'releasing' ? state : 'changing'
  return (
    <Notice
      tone="note"
      isStatus
      icon={<RefreshCw aria-hidden className="size-4 animate-pulse-slow text-brand" />}
      title={t(`notices.${key}`)}
      action={
        nextTryAt && (
          <SendAgain number={number} with={retryPhoneNumber} label={t('notices.retry')} />
        )
      }
    >
      {step && <p>{t('notices.now', { step: t(`steps.${step}`) })}</p>}
      {/* What failed a moment ago is tried again by itself. */}
      {error && (
        <p className="break-words text-soft">{t('notices.trying', { message: error.message })}</p>
      )}
      {nextTryAt && <p>{t('notices.nextTry', { time: format.moment(nextTryAt) })}</p>}
      <p className="text-soft">{t('notices.goesOn')}</p>
    </Notice>
  )
}

function Drifted({ number }: { number: PhoneNumber }) {
  const t = useTranslations('numbers')
  const format = useFormat()
  return (
    <Notice
      tone="warn"
      icon={<TriangleAlert aria-hidden className="size-4 text-warn" />}
      title={t('notices.drifted', {
        time: number.driftFoundAt ? format.moment(number.driftFoundAt) : '–',
      })}
      action={<SendAgain number={number} with={repairDrift} label={t('notices.repair')} />}
    >
      <p className="text-soft">{t('notices.driftedHint')}</p>
      <DriftTable drift={number.drift} />
    </Notice>
  )
}

function NoAgent() {
  const t = useTranslations('numbers.notices')
  return (
    <Notice
      tone="warn"
      icon={<BotOff aria-hidden className="size-4 text-warn" />}
      title={t('noAgent')}
    >
      <p className="text-soft">{t('noAgentHint')}</p>
    </Notice>
  )
}

function AgentNotReady({ number }: { number: PhoneNumber }) {
  const t = useTranslations('numbers.notices')
  return (
    <Notice
      tone="warn"
      icon={<BotOff aria-hidden className="size-4 text-warn" />}
      title={t('agentNotReady', { agent: number.agentName ?? '–' })}
      action={
        number.agentId && (
          <Link
            href={paths.agent(number.agentId)}
            className="underline underline-offset-2 hover:text-brand"
          >
            {t('toAgent')}
          </Link>
        )
      }
    >
      <p className="text-soft">{t('agentNotReadyHint')}</p>
    </Notice>
  )
}

/** A new number is tried out by a call; in the sandbox the softphone makes it. */
function CallIt({ number }: { number: PhoneNumber }) {
  const t = useTranslations('numbers.notices')
  const { sandbox } = useMe()
  const refusal = useCallRefusal('agent')
  const phone = formatPhone(number.e164)
  const Icon = sandbox ? FlaskConical : PhoneCall
  return (
    <Notice
      tone="note"
      icon={<Icon aria-hidden className="size-4 text-soft" />}
      title={t('callIt', { phone })}
      action={
        sandbox &&
        !refusal && (
          <a
            href={sandbox.softphoneUrl}
            target="_blank"
            rel="noreferrer"
            className="underline underline-offset-2 hover:text-brand"
          >
            {t('softphone')}
            <span className="sr-only"> {t('newTab')}</span>
          </a>
        )
      }
    >
      <p className="text-soft">
        {refusal ?? (sandbox ? t('callItSandbox', { phone }) : t('callItHint'))}
      </p>
    </Notice>
  )
}

/** Sets the vendors to work once more; the number says how far they are. */
function SendAgain(props: {
  number: PhoneNumber
  with: typeof retryPhoneNumber | typeof repairDrift
  label: string
}) {
  const t = useTranslations('numbers.notices')
  const mayWrite = useMay('phone-numbers.write')
  const refusal = useWriteRefusal()
  const queries = useQueryClient()
  const refresh = useRefreshNumbers()
  const params = { phoneNumberId: props.number.id }
  const again = useEndpointCall(props.with, {
    onSuccess: (number) => {
      queries.setQueryData(endpointKey(getPhoneNumber, { params }), number)
      return refresh()
    },
  })
  if (!mayWrite) return null
  return (
    <>
      <GuardedButton
        refusal={refusal}
        disabled={again.isPending}
        onClick={() => again.mutate({ params })}
      >
        {props.label}
      </GuardedButton>
      {again.error && (
        <ErrorBox title={t('againFailed')} error={again.error} className="mt-2 w-full" />
      )}
    </>
  )
}

const tones = {
  note: 'border-line bg-panel',
  warn: 'border-warn/40 bg-warn/8',
  bad: 'border-bad/40 bg-bad/8',
} as const

function Notice(props: {
  tone: keyof typeof tones
  icon: ReactNode
  title: string
  isStatus?: boolean
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <section
      aria-label={props.title}
      {...(props.isStatus && { role: 'status' })}
      className={classes('flex items-start gap-3 rounded-card border p-4', tones[props.tone])}
    >
      <span className="mt-0.5 shrink-0">{props.icon}</span>
      <div className="min-w-0 grow space-y-1">
        <h2 className="font-medium">{props.title}</h2>
        {props.children}
        {props.action && <div className="flex flex-wrap pt-2">{props.action}</div>}
      </div>
    </section>
  )
}
