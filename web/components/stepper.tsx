import { CircleCheck, CircleDashed, CircleX, LoaderCircle } from 'lucide-react'
import type { ReactNode } from 'react'

export type Step = {
  key: string
  label: string
  state: 'done' | 'running' | 'waiting' | 'failed'
  /** What the state is called, for those who do not see the icon. */
  stateLabel: string
  note?: ReactNode
}

const icons = { done: CircleCheck, running: LoaderCircle, waiting: CircleDashed, failed: CircleX }
const tones = {
  done: 'text-ok',
  running: 'text-brand motion-safe:animate-spin',
  waiting: 'text-soft',
  failed: 'text-bad',
}

/** The steps of something that goes on by itself. */
export function Stepper(props: { label: string; steps: readonly Step[] }) {
  return (
    <ol aria-label={props.label} className="flex flex-wrap gap-x-6 gap-y-2">
      {props.steps.map((step) => {
        const Icon = icons[step.state]
        return (
          <li key={step.key} className="flex items-center gap-2">
            <Icon aria-hidden className={`size-4 ${tones[step.state]}`} />
            <span>{step.label}</span>
            <span className="sr-only">{step.stateLabel}</span>
            {step.note && <span className="text-soft text-xs">{step.note}</span>}
          </li>
        )
      })}
    </ol>
  )
}
