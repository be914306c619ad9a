'use client'
import { Drama, FlaskConical, PhoneIncoming, PhoneOutgoing, Users } from 'lucide-react'
import { useCallback } from 'react'
import { useTranslations } from 'use-intl'
import { StatusChip } from '../../components/status-chip.tsx'
import type { CallSummary } from './call-status.ts'
import { humanize, statusLooks, statusOf } from './call-status.ts'

export function CallStatus(props: {
  call: Pick<CallSummary, 'state' | 'reason' | 'liveAt'>
  isTight?: boolean
}) {
  const t = useTranslations('calls.status')
  const key = statusOf(props.call)
  return <StatusChip {...statusLooks[key]} label={t(key)} isTight={props.isTight ?? false} />
}

export const directionKey = ({
  kind,
  direction,
}: CallSummary): 'inbound' | 'outbound' | 'mock' | 'meeting' | 'test' =>
  kind === 'mock' || kind === 'meeting' || kind === 'test' ? kind : direction

const directionIcons = {
  inbound: PhoneIncoming,
  outbound: PhoneOutgoing,
  mock: Drama,
  meeting: Users,
  test: FlaskConical,
}

export function Direction({ call }: { call: CallSummary }) {
  const t = useTranslations('calls.direction')
  const key = directionKey(call)
  const Icon = directionIcons[key]
  return (
    <span className="flex items-center gap-1.5 whitespace-nowrap">
      <Icon aria-hidden className="size-4 shrink-0 text-soft" />
      {t(key)}
    </span>
  )
}

/** The words for a reason code; a code without a text of its own is still readable. */
export function useReasonText(): (reason: string) => string {
  const t = useTranslations('calls.reasons')
  return useCallback(
    (reason) => {
      const key = messageKey(reason) as Parameters<typeof t>[0]
      return t.has(key) ? t(key) : humanize(reason)
    },
    [t],
  )
}

/** The words for an event of the timeline or the live feed. */
export function useEventText(): (kind: string) => string {
  const t = useTranslations('calls.events')
  return (kind) => {
    const key = messageKey(kind) as Parameters<typeof t>[0]
    return t.has(key) ? t(key) : humanize(kind)
  }
}

/** Codes hold dots, which separate keys in messages, so they are written with underscores there. */
const messageKey = (code: string): string => code.replaceAll(/[.-]/g, '_')
