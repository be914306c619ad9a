'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { createAgent, getAgent, listAgents } from '#contracts/agents'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { useApiForm } from '../../lib/use-api-form.ts'
import { useIdempotency } from '../../lib/use-idempotency.ts'

const nameOnly = createAgent.body.pick({ name: true })

/** Asks for a name; everything else is set in the editor, where it leads to. */
export function CreateAgent({ onClose }: { onClose(): void }) {
  const t = useTranslations('agents.creation')
  const api = useApi()
  const router = useRouter()
  const queries = useQueryClient()
  const keyOf = useIdempotency()
  const { form, submit, failure, messageOf, isSending } = useApiForm(nameOnly, {
    values: { name: '' },
    async send(body) {
      const made = await api(createAgent, { body }, { idempotencyKey: keyOf(body) })
      queries.setQueryData(endpointKey(getAgent, { params: { agentId: made.id } }), made)
      void queries.invalidateQueries({ queryKey: endpointKey(listAgents) })
      router.push(paths.agent(made.id))
      onClose()
    },
  })
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
      <Field label={t('name')} hint={t('nameHint')} error={messageOf('name')}>
        {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
      </Field>
    </FormDialog>
  )
}
