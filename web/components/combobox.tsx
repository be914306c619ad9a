'use client'
import { ChevronDown } from 'lucide-react'
import { type ComponentProps, lazy, Suspense, useId, useState } from 'react'
import { classes } from '../lib/classes.ts'
import type { ControlProps } from './field.tsx'
import { controlClass } from './input.tsx'

// The list with its search comes when it is first opened.
const ComboboxList = lazy(() =>
  import('./combobox-list.tsx').then((file) => ({ default: file.ComboboxList })),
)

export type Choice = { value: string; label: string; hint?: string }

export type ComboboxProps = {
  value: string | null
  choices: readonly Choice[]
  onChange(value: string): void
  /** What stands there while nothing is chosen. */
  placeholder: string
  searchLabel: string
  control?: ControlProps
  label?: string
  className?: string
}

/** One of many, found by typing. */
export function Combobox(props: ComboboxProps) {
  const [isOpen, setOpen] = useState(false)
  const valueId = useId()
  const chosen = props.choices.find((choice) => choice.value === props.value)
  const trigger = (
    <Trigger
      {...props.control}
      {...(props.label && { 'aria-label': props.label })}
      // A label takes the place of a button's text, so the value is told as a description.
      aria-describedby={[valueId, props.control?.['aria-describedby']].filter(Boolean).join(' ')}
      className={props.className}
    >
      <span id={valueId} className={classes('grow truncate text-left', !chosen && 'text-soft')}>
        {chosen?.label ?? props.value ?? props.placeholder}
      </span>
    </Trigger>
  )
  return (
    <Suspense fallback={trigger}>
      <ComboboxList {...props} trigger={trigger} isOpen={isOpen} onOpen={setOpen} />
    </Suspense>
  )
}

const Trigger = ({ className, children, ...rest }: ComponentProps<'button'>) => (
  <button
    type="button"
    className={classes('flex h-8 items-center gap-2 px-2.5', controlClass, className)}
    {...rest}
  >
    {children}
    <ChevronDown aria-hidden className="size-3.5 shrink-0 text-soft" />
  </button>
)
