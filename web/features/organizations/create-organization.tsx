'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'use-intl'
import { getMe } from '#contracts/access'
import { createOrganization } from '#contracts/organizations'
import { Button } from '../../components/button.tsx'
import { Field } from '../../components/field.tsx'
import { Form } from '../../components/form.tsx'
import { Input } from '../../components/input.tsx'
import { TimeZoneField } from '../../components/time-zone-field.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { browserZone } from '../../lib/time-zones.ts'
import { useApiForm } from '../../lib/use-api-form.ts'

const CURRENCY = 'USD' // What every wallet is opened in.

/** Founds an organization; whoever does becomes its admin, and the console opens. */
export function CreateOrganization() {
  const t = useTranslations('onboarding.create')
  const locale = useLocale()
  const api = useApi()
  const queries = useQueryClient()
  const { form, submit, failure, messageOf, isSending } = useApiForm(createOrganization.body, {
    values: { name: '', timeZone: browserZone() },
    async send(body) {
      await api(createOrganization, { body })
      await queries.invalidateQueries({ queryKey: endpointKey(getMe) })
    },
  })
  const currency = new Intl.DisplayNames(locale, { type: 'currency' }).of(CURRENCY) ?? CURRENCY
  return (
    <Form onSubmit={submit} failure={failure} label={t('label')}>
      <Field label={t('name')} error={messageOf('name')}>
        {(control) => (
          <Input
            {...control}
            {...form.register('name')}
            autoComplete="organization"
            placeholder={t('nameExample')}
          />
        )}
      </Field>
      <TimeZoneField
        value={form.watch('timeZone') ?? ''}
        error={messageOf('timeZone')}
        onChange={(timeZone) => form.setValue('timeZone', timeZone, { shouldValidate: true })}
      />
      <p className="text-soft">{t('currency', { currency, code: CURRENCY })}</p>
      <Button kind="primary" type="submit" disabled={isSending}>
        {isSending ? t('sending') : t('action')}
      </Button>
    </Form>
  )
}
