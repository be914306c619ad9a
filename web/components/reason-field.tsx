'use client'
import type { ComponentProps } from 'react'
import { useTranslations } from 'use-intl'
import { Field } from './field.tsx'
import { Textarea } from './input.tsx'

/** Why something is changed: kept with the change for whoever asks later. */
export function ReasonField(props: {
  error: string | undefined
  /** Called in the order of the fields, so that the first wrong one gets the focus. */
  register(): ComponentProps<'textarea'>
}) {
  const t = useTranslations('reason')
  return (
    <Field label={t('label')} hint={t('hint')} error={props.error}>
      {(control) => <Textarea rows={2} {...control} {...props.register()} />}
    </Field>
  )
}
