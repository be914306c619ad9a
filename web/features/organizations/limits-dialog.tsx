'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { changeLimits, getOrganizationDetail } from '#contracts/organizations'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { ReasonField } from '../../components/reason-field.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import type { OrganizationDetail } from './office-status.tsx'

/** How many calls an organization may run at once. */
export function LimitsDialog(props: { organization: OrganizationDetail; onClose(): void }) {
  const { organization, onClose } = props
  const t = useTranslations('platform.organization.limits')
  const api = useApi()
  const queries = useQueryClient()
  const { form, submit, failure, messageOf, isSending } = useApiForm(changeLimits.body, {
    values: { maxConcurrentCalls: organization.maxConcurrentCalls, reason: '' },
    send: async (body) => {
      await api(changeLimits, { params: { organizationId: organization.id }, body })
      toast(t('done'))
      onClose()
      await queries.invalidateQueries({ queryKey: endpointKey(getOrganizationDetail) })
    },
  })
  return (
    <FormDialog
      title={t('title')}
      hint={t('effect')}
      action={t('action')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={t('calls')} error={messageOf('maxConcurrentCalls')}>
        {(control) => (
          <Input
            {...control}
            type="number"
            inputMode="numeric"
            {...form.register('maxConcurrentCalls', { valueAsNumber: true })}
          />
        )}
      </Field>
      <ReasonField error={messageOf('reason')} register={() => form.register('reason')} />
    </FormDialog>
  )
}
