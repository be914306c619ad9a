import { CircleCheck, CircleX, Clock, Info, LoaderCircle, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { classes } from '../../lib/classes.ts'
import type { ReturnState } from './return-state.ts'

const looks: Record<ReturnState, { icon: LucideIcon; tone: string }> = {
  waiting: { icon: LoaderCircle, tone: 'animate-spin text-brand motion-reduce:animate-none' },
  late: { icon: Clock, tone: 'text-warn' },
  paid: { icon: CircleCheck, tone: 'text-ok' },
  canceled: { icon: Info, tone: 'text-soft' },
  declined: { icon: CircleX, tone: 'text-bad' },
  expired: { icon: Clock, tone: 'text-soft' },
  voided: { icon: CircleX, tone: 'text-bad' },
  failed: { icon: CircleX, tone: 'text-bad' },
}

/** One outcome with what can be done about it; read out as it changes. */
export function ReturnCard(props: {
  label: string
  look: ReturnState
  title: string
  hint?: string
  children?: ReactNode
}) {
  const { icon: Icon, tone } = looks[props.look]
  return (
    <section
      aria-label={props.label}
      className="flex flex-wrap items-center gap-3 rounded-card border border-line bg-panel px-4 py-3"
    >
      <Icon aria-hidden className={classes('size-5 shrink-0', tone)} />
      <div role="status" className="min-w-0 grow basis-64">
        <p className="font-medium">{props.title}</p>
        {props.hint && <p className="text-soft">{props.hint}</p>}
      </div>
      {props.children && <div className="flex flex-wrap gap-2">{props.children}</div>}
    </section>
  )
}
