'use client'
import { type ReactNode, useId } from 'react'
import { classes } from '../lib/classes.ts'

/** On or off, at once. */
export function Switch(props: {
  isOn: boolean
  onChange(isOn: boolean): void
  children: ReactNode
  className?: string
}) {
  const id = useId()
  return (
    <span className={classes('inline-flex min-h-8 items-center gap-2', props.className)}>
      <button
        type="button"
        role="switch"
        aria-checked={props.isOn}
        aria-labelledby={id}
        onClick={() => props.onChange(!props.isOn)}
        className="inline-flex size-6 w-9 shrink-0 items-center justify-center rounded-full"
      >
        <span
          className={classes(
            'flex h-4 w-7 items-center rounded-full border p-px transition-colors duration-120',
            props.isOn ? 'border-brand bg-brand' : 'border-edge bg-transparent',
          )}
        >
          <span
            className={classes(
              'size-3 rounded-full transition-transform duration-120',
              props.isOn ? 'translate-x-3 bg-brand-ink' : 'bg-edge',
            )}
          />
        </span>
      </button>
      <button
        type="button"
        id={id}
        tabIndex={-1}
        onClick={() => props.onChange(!props.isOn)}
        className="text-left text-soft text-xs"
      >
        {props.children}
      </button>
    </span>
  )
}
