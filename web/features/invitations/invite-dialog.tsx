'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { organizationRoles } from '#api/contract/permissions.ts'
import { createInvitation, listInvitations } from '#contracts/invitations'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Field } from '../../components/field.tsx'
import { Form } from '../../components/form.tsx'
import { Input } from '../../components/input.tsx'
import { RadioCards } from '../../components/radio-cards.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { useIdempotency } from '../../lib/use-idempotency.ts'

const FORM_ID = 'invite'

/** Invites somebody by mail, with the role they will have. */
export function InviteDialog({ onClose }: { onClose(): void }) {
  const t = useTranslations('team.inviteDialog')
  const common = useTranslations('common')
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
    <Dialog
      isOpen
      onClose={onClose}
      title={t('title')}
      hint={t('hint')}
      actions={
        <>
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button kind="primary" type="submit" form={FORM_ID} disabled={isSending}>
            {t('action')}
          </Button>
        </>
      }
    >
      <Form id={FORM_ID} onSubmit={submit} failure={failure} className="mt-4">
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
      </Form>
    </Dialog>
  )
}
