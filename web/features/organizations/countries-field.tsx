'use client'
import { useMemo } from 'react'
import { useLocale, useTranslations } from 'use-intl'
import { ChipList } from '../../components/chip-list.tsx'
import { Combobox } from '../../components/combobox.tsx'
import { Field } from '../../components/field.tsx'
import { countryChoices, countryName } from '../../lib/countries.ts'

/** The countries that may be called. */
export function CountriesField(props: {
  codes: readonly string[]
  error: string | undefined
  isDisabled: boolean
  onChange(codes: string[]): void
}) {
  const t = useTranslations('settings.organization.countries')
  const locale = useLocale()
  const { codes, onChange } = props
  const choices = useMemo(
    () => countryChoices(locale).filter(({ value }) => !codes.includes(value)),
    [locale, codes],
  )
  return (
    <div className="space-y-2">
      <Field
        label={t('label')}
        hint={codes.length === 0 ? t('none') : t('hint')}
        error={props.error}
      >
        {(control) => (
          <Combobox
            control={control}
            value={null}
            choices={choices}
            onChange={(code) => onChange([...codes, code])}
            placeholder={t('add')}
            searchLabel={t('search')}
          />
        )}
      </Field>
      <ChipList
        label={t('label')}
        items={codes.map((value) => ({ value, label: countryName(value, locale) }))}
        onRemove={(code) => onChange(codes.filter((each) => each !== code))}
        isDisabled={props.isDisabled}
      />
    </div>
  )
}
