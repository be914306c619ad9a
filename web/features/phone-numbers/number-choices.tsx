'use client'
import { type ReactNode, useId } from 'react'
import { Phone } from '../../components/phone.tsx'
import { classes } from '../../lib/classes.ts'
import { Capabilities } from './capabilities.tsx'
import type { PhoneNumber } from './phone-number.ts'

type Choice = {
  e164: string
  note: ReactNode
  capabilities: PhoneNumber['capabilities']
}

/** Numbers of which one is taken. */
export function NumberChoices(props: {
  label: string
  choices: readonly Choice[]
  value: string | null
  onChoose(e164: string): void
}) {
  const id = useId()
  return (
    <fieldset className="max-h-96 overflow-y-auto rounded-card border border-line bg-panel">
      <legend className="sr-only">{props.label}</legend>
      {props.choices.map(({ e164, note, capabilities }) => (
        <div
          key={e164}
          className={classes(
            'relative flex min-h-11 items-center gap-3 border-line border-b px-3 py-1.5 last:border-b-0 has-focus-visible:bg-ink/4',
            e164 === props.value ? 'bg-brand/8' : 'hover:bg-ink/3',
          )}
        >
          <input
            type="radio"
            id={`${id}-${e164}`}
            name={id}
            checked={e164 === props.value}
            onChange={() => props.onChoose(e164)}
            className="size-4 shrink-0 accent-brand"
          />
          {/* The whole line is the label's target. */}
          <label
            htmlFor={`${id}-${e164}`}
            className="flex min-w-0 grow flex-wrap items-baseline gap-x-3 after:absolute after:inset-0"
          >
            <span className="font-medium">
              <Phone number={e164} />
            </span>
            <span className="min-w-0 break-words text-soft text-xs">{note}</span>
          </label>
          <span className="shrink-0 text-soft text-xs max-sm:hidden">
            <Capabilities of={capabilities} />
          </span>
        </div>
      ))}
    </fieldset>
  )
}
