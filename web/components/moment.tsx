'use client'
import { useFormat } from '../lib/intl/use-format.tsx'

/** A moment in the organization's zone; under 24 hours also how long ago; the full stamp in the tooltip. */
export function Moment(props: { at: Date; now: Date; style?: 'moment' | 'ago' | 'clock' }) {
  const format = useFormat()
  const { at, now, style = 'moment' } = props
  const text = {
    moment: () => format.moment(at, now),
    clock: () => format.clock(at),
    ago: () => format.ago(at, now) ?? format.moment(at, now),
  }[style]()
  return (
    <time
      dateTime={at.toISOString()}
      title={format.stamp(at)}
      className="whitespace-nowrap tabular-nums"
    >
      {text}
    </time>
  )
}
