'use client'
import { ChevronDown } from 'lucide-react'
import type { Ref } from 'react'
import { useTranslations } from 'use-intl'
import { type StepKind, stepKinds } from '#api/contract/agent-test.ts'
import { controlClass } from '../../../components/input.tsx'
import { kindsByActor } from './step-kinds.ts'

/** What happens in a step, under whom it is about: the browser's own list with its groups. */
export function KindSelect(props: {
  label: string
  value: StepKind
  describedBy: string | undefined
  controlRef: Ref<HTMLSelectElement>
  onChange(kind: StepKind): void
}) {
  const t = useTranslations('agentTests')
  return (
    <span className="relative inline-flex w-56 min-w-0">
      <select
        ref={props.controlRef}
        aria-label={props.label}
        aria-describedby={props.describedBy}
        aria-invalid={props.describedBy !== undefined}
        value={props.value}
        onChange={(event) => {
          const kind = stepKinds.find((each) => each === event.target.value)
          if (kind) props.onChange(kind)
        }}
        className={`h-8 appearance-none pr-8 pl-2.5 ${controlClass}`}
      >
        {kindsByActor.map(({ actor, kinds }) => (
          <optgroup key={actor} label={t(`editor.${actor}`)}>
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {t(`kinds.${kind}`)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-2.5 right-2.5 size-3.5 text-soft"
      />
    </span>
  )
}
