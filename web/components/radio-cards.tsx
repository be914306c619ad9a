'use client'
import { useId } from 'react'
import { classes } from '../lib/classes.ts'

/** A few choices, each with a line about what it means. */
export function RadioCards<Value extends string>(props: {
  label: string
  value: Value | null
  options: readonly { value: Value; label: string; hint?: string }[]
  onChange(value: Value): void
  className?: string
}) {
  const id = useId()
  return (
    <fieldset className={props.className}>
      <legend className="mb-1 font-medium">{props.label}</legend>
      <div className="space-y-2">
        {props.options.map((option) => (
          <div
            key={option.value}
            className={classes(
              'relative flex items-start gap-2.5 rounded-card border px-3 py-2 has-focus-visible:outline-2 has-focus-visible:outline-brand',
              option.value === props.value ? 'border-brand bg-brand/6' : 'border-edge',
            )}
          >
            <input
              type="radio"
              id={`${id}-${option.value}`}
              name={id}
              checked={option.value === props.value}
              onChange={() => props.onChange(option.value)}
              {...(option.hint && { 'aria-describedby': `${id}-${option.value}-hint` })}
              className="mt-0.5 size-4 shrink-0 accent-brand outline-none"
            />
            <span className="min-w-0">
              {/* The whole card is the label's target. */}
              <label
                htmlFor={`${id}-${option.value}`}
                className="font-medium after:absolute after:inset-0"
              >
                {option.label}
              </label>
              {option.hint && (
                <span id={`${id}-${option.value}-hint`} className="block text-soft text-xs">
                  {option.hint}
                </span>
              )}
            </span>
          </div>
        ))}
      </div>
    </fieldset>
  )
}
