'use client'
import { useQueryClient } from '@tanstack/react-query'
import { Controller } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { getMe } from '#contracts/access'
import { getOrganization, updateOrganization } from '#contracts/organizations'
import { Checkbox } from '../../components/checkbox.tsx'
import { Field } from '../../components/field.tsx'
import { Form } from '../../components/form.tsx'
import { FormPart } from '../../components/form-part.tsx'
import { Input, Textarea } from '../../components/input.tsx'
import { SaveBar } from '../../components/save-bar.tsx'
import { TimeZoneField } from '../../components/time-zone-field.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { AddressesField } from './addresses-field.tsx'
import { CountriesField } from './countries-field.tsx'
import type { OrganizationSettings } from './settings-tab.tsx'

type Change = z.input<typeof updateOrganization.body>

/** Everything an admin can set; only what was changed is sent. */
export function SettingsForm({ settings }: { settings: OrganizationSettings }) {
  const t = useTranslations('settings.organization')
  const format = useFormat()
  const api = useApi()
  const queries = useQueryClient()
  const refusal = useWriteRefusal()
  const { form, submit, failure, messageOf, isSending } = useApiForm(updateOrganization.body, {
    values: changeable(settings),
    async send(values) {
      const body = changedIn(values, form.formState.defaultValues as Change)
      const saved = await api(updateOrganization, { body })
      queries.setQueryData(endpointKey(getOrganization, {}), saved)
      form.reset(changeable(saved))
      toast(t('saved'))
      void queries.invalidateQueries({ queryKey: endpointKey(getMe) })
    },
  })
  const { control, register, formState } = form
  return (
    <>
      <Form onSubmit={submit} failure={failure} label={t('label')} className="max-w-2xl">
        <fieldset disabled={refusal !== null} className="space-y-8">
          <legend className="sr-only">{t('label')}</legend>
          {refusal && <p className="text-soft">{refusal}</p>}
          <FormPart title={t('parts.general')}>
            <Field label={t('name')} error={messageOf('name')}>
              {(given) => <Input {...given} {...register('name')} autoComplete="organization" />}
            </Field>
            <Controller
              control={control}
              name="timeZone"
              render={({ field }) => (
                <TimeZoneField
                  value={field.value ?? ''}
                  error={messageOf('timeZone')}
                  onChange={field.onChange}
                />
              )}
            />
          </FormPart>
          <FormPart title={t('parts.announcement')} hint={t('announcementHint')}>
            <Checkbox {...register('announcementEnabled')} label={t('announcementEnabled')} />
            <Field label={t('announcementText')} error={messageOf('announcementText')}>
              {(given) => <Textarea {...given} {...register('announcementText')} rows={3} />}
            </Field>
          </FormPart>
          <FormPart title={t('parts.retention')} hint={t('retentionHint')}>
            <div className="grid gap-4 sm:grid-cols-2">
              <Field label={t('recordingDays')} error={messageOf('recordingRetentionDays')}>
                {(given) => (
                  <Input
                    {...given}
                    {...register('recordingRetentionDays', { valueAsNumber: true })}
                    type="number"
                    min={1}
                    inputMode="numeric"
                  />
                )}
              </Field>
              <Field label={t('transcriptDays')} error={messageOf('transcriptRetentionDays')}>
                {(given) => (
                  <Input
                    {...given}
                    {...register('transcriptRetentionDays', { valueAsNumber: true })}
                    type="number"
                    min={1}
                    inputMode="numeric"
                  />
                )}
              </Field>
            </div>
          </FormPart>
          <FormPart title={t('parts.calls')}>
            <Controller
              control={control}
              name="allowedCountries"
              render={({ field }) => (
                <CountriesField
                  codes={field.value ?? []}
                  error={messageOf('allowedCountries')}
                  isDisabled={refusal !== null}
                  onChange={field.onChange}
                />
              )}
            />
            <p className="text-soft">
              {t('concurrent', { count: format.number(settings.maxConcurrentCalls) })}
            </p>
          </FormPart>
          <FormPart title={t('parts.coaching')}>
            <Checkbox
              {...register('repSeesAnalysisFirst')}
              label={t('repFirst')}
              hint={t('repFirstHint')}
            />
          </FormPart>
          <FormPart title={t('parts.notifications')}>
            <Controller
              control={control}
              name="notificationEmails"
              render={({ field }) => (
                <AddressesField
                  addresses={field.value ?? []}
                  error={messageOf('notificationEmails')}
                  isDisabled={refusal !== null}
                  onChange={field.onChange}
                />
              )}
            />
          </FormPart>
        </fieldset>
      </Form>
      <SaveBar
        isDirty={formState.isDirty}
        isSending={isSending}
        onSave={() => void submit()}
        onDiscard={() => form.reset()}
      />
    </>
  )
}

const changeable = (settings: OrganizationSettings): Required<Change> => ({
  name: settings.name,
  timeZone: settings.timeZone,
  announcementEnabled: settings.announcementEnabled,
  announcementText: settings.announcementText,
  recordingRetentionDays: settings.recordingRetentionDays,
  transcriptRetentionDays: settings.transcriptRetentionDays,
  allowedCountries: settings.allowedCountries,
  repSeesAnalysisFirst: settings.repSeesAnalysisFirst,
  notificationEmails: settings.notificationEmails,
})

/** The values that differ from those the form began with. */
export const changedIn = (values: Change, before: Change): Change =>
  Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof Change]),
    ),
  )
