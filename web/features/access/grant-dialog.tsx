'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { platformRoles } from '#api/contract/permissions.ts'
import { grantPlatformRole, listPlatformAdmins } from '#contracts/access'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { RadioCards } from '../../components/radio-cards.tsx'
import { ReasonField } from '../../components/reason-field.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'

/** Gives somebody who has signed up a role of the platform. */
export function GrantDialog({ onClose }: { onClose(): void }) {
  const t = useTranslations('platform.people')
  const tRole = useTranslations('shell.roles')
  const api = useApi()
  const queries = useQueryClient()
  const { form, submit, failure, messageOf, isSending } = useApiForm(grantPlatformRole.body, {
    values: { email: '', role: 'manager', reason: '' },
    send: async (body) => {
      const granted = await api(grantPlatformRole, { body })
      toast(t('granted', { name: granted.name || granted.email, role: tRole(granted.role) }))
      onClose()
      await queries.invalidateQueries({ queryKey: endpointKey(listPlatformAdmins) })
    },
  })
  return (
    <FormDialog
      title={t('grant')}
      hint={t('grantHint')}
      action={t('grantAction')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={t('email')} error={messageOf('email')}>
        {(control) => (
          <Input {...control} type="email" autoComplete="off" {...form.register('email')} />
        )}
      </Field>
      <RadioCards
        label={t('columns.role')}
        value={form.watch('role')}
        options={platformRoles.toReversed().map((role) => ({
          value: role,
          label: tRole(role),
          hint: t(`roles.${role}`),
        }))}
        onChange={(role) => form.setValue('role', role)}
      />
      <ReasonField error={messageOf('reason')} register={() => form.register('reason')} />
    </FormDialog>
  )
}
