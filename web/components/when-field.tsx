'use client'
import type { ComponentProps } from 'react'
import { useTranslations } from 'use-intl'
import { useTimeZone } from '../lib/intl/use-format.tsx'
import { Field } from './field.tsx'
import { Input } from './input.tsx'

/** From when something counts; left empty it counts at once. */
export function WhenField(props: {
  error: string | undefined
  register(): ComponentProps<'input'>
}) {
  const t = useTranslations('when')
  const zone = useTimeZone()
  return (
    <Field label={t('label')} hint={t('hint', { zone })} error={props.error} isOptional>
      {(control) => <Input {...control} type="datetime-local" {...props.register()} />}
    </Field>
  )
}
