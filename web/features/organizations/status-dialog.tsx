'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import {
  archiveOrganization,
  getOrganizationDetail,
  listOrganizations,
  pauseOrganization,
  resumeOrganization,
} from '#contracts/organizations'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { ReasonField } from '../../components/reason-field.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import type { OrganizationDetail } from './office-status.tsx'
import type { StatusAction } from './status-actions.tsx'

const endpoints = {
  pause: pauseOrganization,
  archive: archiveOrganization,
  resume: resumeOrganization,
}

/** Asks for a reason and, where people are shut out, for the name. */
export function StatusDialog(props: {
  organization: OrganizationDetail
  action: StatusAction
  onClose(): void
}) {
  const { organization, action, onClose } = props
  const t = useTranslations(`platform.organization.${action}`)
  const tCommon = useTranslations('common')
  const api = useApi()
  const queries = useQueryClient()
  const [typed, setTyped] = useState('')
  const isNamed = action === 'resume' || typed.trim() === organization.name.trim()
  const { form, submit, failure, messageOf, isSending } = useApiForm(endpoints[action].body, {
    values: { reason: '' },
    send: async (body) => {
      const params = { organizationId: organization.id }
      await api(endpoints[action], { params, body })
      toast(t('done', { name: organization.name }))
      onClose()
      await Promise.all([
        queries.invalidateQueries({ queryKey: endpointKey(getOrganizationDetail) }),
        queries.invalidateQueries({ queryKey: endpointKey(listOrganizations) }),
      ])
    },
  })
  return (
    <FormDialog
      title={t('title', { name: organization.name })}
      hint={t('effect')}
      action={t('action')}
      kind={action === 'resume' ? 'primary' : 'danger'}
      isSending={isSending}
      isBlocked={!isNamed}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <ReasonField error={messageOf('reason')} register={() => form.register('reason')} />
      {action !== 'resume' && (
        <Field label={tCommon('typeName', { name: organization.name })}>
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
      )}
    </FormDialog>
  )
}
