'use client'
import type { ComponentProps } from 'react'
import { useTranslations } from 'use-intl'
import { Field } from './field.tsx'
import { Input } from './input.tsx'

/** From when something counts; left empty it counts at once. */
export function WhenField(props: {
  error: string | undefined
  register(): ComponentProps<'input'>
}) {
  const t = useTranslations('when')
  // What is typed is read on the reader's own clock, whatever zone the screen shows.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  return (
    <Field label={t('label')} hint={t('hint', { zone })} error={props.error} isOptional>
      {(control) => <Input {...control} type="datetime-local" {...props.register()} />}
    </Field>
  )
}
