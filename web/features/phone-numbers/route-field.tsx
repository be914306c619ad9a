'use client'
import { useTranslations } from 'use-intl'
import { routes } from '#contracts/phone-numbers'
import { RadioCards } from '../../components/radio-cards.tsx'
import type { Route } from './phone-number.ts'

/** Who answers a number. */
export function RouteField(props: { value: Route; onChange(route: Route): void }) {
  const t = useTranslations('numbers')
  return (
    <RadioCards
      label={t('form.route')}
      value={props.value}
      options={routes.map((value) => ({
        value,
        label: t(`routes.${value}.name`),
        hint: t(`routes.${value}.hint`),
      }))}
      onChange={props.onChange}
    />
  )
}
