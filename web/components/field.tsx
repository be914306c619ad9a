'use client'
import { type ReactNode, useId } from 'react'
import { useTranslations } from 'use-intl'
import { classes } from '../lib/classes.ts'

/** What a control needs to belong to its label, hint and error. */
export type ControlProps = {
  id: string
  'aria-invalid': boolean
  'aria-describedby': string | undefined
}

/** A label, its control, a hint, and what is wrong with what was typed. */
export function Field(props: {
  label: string
  hint?: ReactNode
  error?: string | undefined
  isOptional?: boolean
  children(control: ControlProps): ReactNode
  className?: string
}) {
  const t = useTranslations('forms')
  const id = useId()
  const hintId = props.hint != null ? `${id}-hint` : undefined
  const errorId = props.error ? `${id}-error` : undefined
  return (
    <div className={classes('min-w-0', props.className)}>
      <label htmlFor={id} className="mb-1 block font-medium">
        {props.label}
        {props.isOptional && <span className="ml-1.5 font-normal text-soft">{t('optional')}</span>}
      </label>
      {props.children({
        id,
        'aria-invalid': props.error !== undefined,
        'aria-describedby': [hintId, errorId].filter(Boolean).join(' ') || undefined,
      })}
      {props.hint != null && (
        <p id={hintId} className="mt-1 text-soft text-xs">
          {props.hint}
        </p>
      )}
      {props.error && (
        <p id={errorId} className="mt-1 text-bad text-xs">
          {props.error}
        </p>
      )}
    </div>
  )
}
