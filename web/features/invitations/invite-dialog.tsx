'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { organizationRoles } from '#api/contract/permissions.ts'
import { createInvitation, listInvitations } from '#contracts/invitations'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { RadioCards } from '../../components/radio-cards.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { useIdempotency } from '../../lib/use-idempotency.ts'

/** Invites somebody by mail, with the role they will have. */
export function InviteDialog({ onClose }: { onClose(): void }) {
  const t = useTranslations('team.inviteDialog')
  const roleName = useTranslations('shell.roles')
  const effects = useTranslations('team.roleChange.effects')
  const api = useApi()
  const queries = useQueryClient()
  const keyOf = useIdempotency()
  const { form, submit, failure, messageOf, isSending } = useApiForm(createInvitation.body, {
    values: { email: '', role: 'sales_person' },
    async send(body) {
      await api(createInvitation, { body }, { idempotencyKey: keyOf(body) })
      toast(t('done', { email: body.email }))
      void queries.invalidateQueries({ queryKey: endpointKey(listInvitations) })
      onClose()
    },
  })
  const role = form.watch('role')
  return (
    <FormDialog
      title={t('title')}
      hint={t('hint')}
      action={t('action')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={t('email')} error={messageOf('email')}>
        {(control) => (
          <Input
            {...control}
            {...form.register('email')}
            type="email"
            autoComplete="off"
            placeholder={t('emailExample')}
          />
        )}
      </Field>
      <RadioCards
        label={t('role')}
        value={role}
        options={organizationRoles.map((value) => ({
          value,
          label: roleName(value),
          hint: effects(value),
        }))}
        onChange={(value) => form.setValue('role', value)}
      />
    </FormDialog>
  )
}
