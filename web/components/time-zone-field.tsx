'use client'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { timeZoneChoices } from '../lib/time-zones.ts'
import { Combobox } from './combobox.tsx'
import { Field } from './field.tsx'

/** The zone in which an organization's times are shown. */
export function TimeZoneField(props: {
  value: string
  error: string | undefined
  onChange(timeZone: string): void
}) {
  const t = useTranslations('timeZone')
  const choices = useMemo(() => timeZoneChoices(new Date()), [])
  return (
    <Field label={t('label')} hint={t('hint')} error={props.error}>
      {(control) => (
        <Combobox
          control={control}
          value={props.value}
          choices={choices}
          onChange={props.onChange}
          placeholder={t('choose')}
          searchLabel={t('search')}
        />
      )}
    </Field>
  )
}
