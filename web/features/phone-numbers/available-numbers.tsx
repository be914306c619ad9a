'use client'
import { useMemo } from 'react'
import { Controller } from 'react-hook-form'
import { useLocale, useTranslations } from 'use-intl'
import { z } from 'zod'
import { Button } from '../../components/button.tsx'
import { Combobox } from '../../components/combobox.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { Field } from '../../components/field.tsx'
import { Form } from '../../components/form.tsx'
import { Input } from '../../components/input.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { countryChoices } from '../../lib/countries.ts'
import { useApiForm } from '../../lib/use-api-form.ts'
import { NumberChoices } from './number-choices.tsx'
import { useOffers } from './use-offers.ts'
import { usePriceText } from './use-price-text.ts'

/** Numbers that can be bought now, by country, area and digits. */
export function AvailableNumbers(props: {
  accountId: string | null
  value: string | null
  onChoose(e164: string | null): void
}) {
  const t = useTranslations('numbers.import.offers')
  const priceText = usePriceText()
  const { search, setSearch, offers } = useOffers(props.accountId, { isEnabled: true })
  return (
    <div className="space-y-4">
      <SearchForm
        search={search}
        onSearch={(wanted) => {
          props.onChoose(null)
          void setSearch(wanted)
        }}
      />
      {offers.error && (
        <ErrorBox
          title={t('failed')}
          error={offers.error}
          onRetry={() => void offers.refetch()}
          isRetrying={offers.isFetching}
        />
      )}
      {offers.isPending && (
        <Skeleton label={t('loading')} className="space-y-2">
          <Bone className="h-11" />
          <Bone className="h-11" />
          <Bone className="h-11" />
        </Skeleton>
      )}
      {offers.data && (
        <>
          <p role="status" className="text-soft">
            {offers.data.items.length === 0 ? t('none') : priceText(offers.data)}
          </p>
          {offers.data.items.length > 0 && (
            <NumberChoices
              label={t('label')}
              choices={offers.data.items.map(({ e164, locality, region, capabilities }) => ({
                e164,
                note: [locality, region].filter(Boolean).join(', '),
                capabilities,
              }))}
              value={props.value}
              onChoose={props.onChoose}
            />
          )}
        </>
      )}
    </div>
  )
}

type Search = { country: string; area: string; digits: string }

function SearchForm(props: { search: Search; onSearch(search: Search): void }) {
  const t = useTranslations('numbers.import.offers')
  const locale = useLocale()
  const countries = useMemo(() => countryChoices(locale), [locale])
  const schema = useMemo(
    () =>
      z.object({
        country: z.string(),
        area: z.string().regex(/^([0-9]{2,5})?$/, t('badArea')),
        digits: z.string().regex(/^([0-9*]{2,15})?$/, t('badDigits')),
      }),
    [t],
  )
  const { form, submit, messageOf } = useApiForm<Search>(schema, {
    values: props.search,
    send: async (search) => props.onSearch(search),
  })
  return (
    <Form onSubmit={submit} label={t('search')}>
      <div className="grid items-start gap-3 sm:grid-cols-[minmax(0,1fr)_8rem_9rem_auto]">
        <Field label={t('country')}>
          {(control) => (
            <Controller
              control={form.control}
              name="country"
              render={({ field }) => (
                <Combobox
                  control={control}
                  value={field.value}
                  choices={countries}
                  onChange={field.onChange}
                  placeholder={t('country')}
                  searchLabel={t('searchCountry')}
                />
              )}
            />
          )}
        </Field>
        <Field label={t('area')} error={messageOf('area')}>
          {(control) => (
            <Input {...control} {...form.register('area')} inputMode="numeric" autoComplete="off" />
          )}
        </Field>
        <Field label={t('digits')} hint={t('digitsHint')} error={messageOf('digits')}>
          {(control) => <Input {...control} {...form.register('digits')} autoComplete="off" />}
        </Field>
        <Button type="submit" className="sm:mt-6">
          {t('search')}
        </Button>
      </div>
    </Form>
  )
}
