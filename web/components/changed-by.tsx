'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '../lib/intl/use-format.tsx'

/** Who changed something, when and why, on a line. */
export function ChangedBy(props: {
  /** Null for what came with the system. */
  actorId: string | null
  /** Names by id; an id without one is shown as it is. */
  people: ReadonlyMap<string, string>
  at: Date | null
  reason: string | null
}) {
  const t = useTranslations('changedBy')
  const format = useFormat()
  const { actorId, at, reason } = props
  const who = actorId === null ? t('system') : (props.people.get(actorId) ?? actorId)
  return (
    <span className="text-soft text-xs">
      {reason && <span className="text-ink">{reason} </span>}
      {at ? (
        <time dateTime={at.toISOString()} title={format.stamp(at)}>
          {t('line', { who, when: format.moment(at) })}
        </time>
      ) : (
        who
      )}
    </span>
  )
}
