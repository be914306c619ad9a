'use client'
import { type FormEvent, type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { classes } from '../lib/classes.ts'
import { ErrorBox } from './error-box.tsx'

/** Fields that are sent together: Enter sends, in text areas Ctrl Enter does. */
export function Form(props: {
  id?: string
  label?: string
  onSubmit(event: FormEvent<HTMLFormElement>): void
  /** Why sending failed, where no single field is to blame. */
  failure?: unknown
  children: ReactNode
  className?: string
}) {
  return (
    <form
      noValidate
      {...(props.id && { id: props.id })}
      {...(props.label && { 'aria-label': props.label })}
      onSubmit={props.onSubmit}
      onKeyDown={sendOnCtrlEnter}
      className={classes('space-y-4', props.className)}
    >
      {props.children}
      <FormFailure error={props.failure} />
    </form>
  )
}

/** Says above the buttons what the server refused, and brings it into view. */
export function FormFailure({ error }: { error: unknown }) {
  const t = useTranslations('forms')
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (error) box.current?.scrollIntoView({ block: 'nearest' })
  }, [error])
  if (!error) return null
  return (
    <div ref={box}>
      <ErrorBox title={t('failed')} error={error} />
    </div>
  )
}

function sendOnCtrlEnter(event: KeyboardEvent<HTMLFormElement>): void {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
  if (!(event.target instanceof HTMLTextAreaElement)) return
  event.preventDefault()
  event.currentTarget.requestSubmit()
}
