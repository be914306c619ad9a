'use client'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { duplicateAgent, renameAgent } from '#contracts/agents'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { toast } from '../../components/toast.tsx'
import { useApi } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { useApiForm } from '../../lib/use-api-form.ts'
import { useIdempotency } from '../../lib/use-idempotency.ts'
import type { AgentDetail } from './agent-types.ts'
import { useShowAgent } from './use-agent-calls.ts'

/** Another name for the agent, or the name of a copy of it. */
export function NameDialog(props: {
  agent: AgentDetail
  purpose: 'rename' | 'duplicate'
  onClose(): void
}) {
  const t = useTranslations(`agents.naming.${props.purpose}`)
  const api = useApi()
  const router = useRouter()
  const show = useShowAgent()
  const keyOf = useIdempotency()
  const { agent, purpose, onClose } = props
  const params = { agentId: agent.id }
  const { form, submit, failure, messageOf, isSending } = useApiForm(renameAgent.body, {
    values: { name: purpose === 'rename' ? agent.name : t('suggested', { name: agent.name }) },
    async send(body) {
      if (purpose === 'rename') {
        show(await api(renameAgent, { params, body }))
      } else {
        const idempotencyKey = keyOf(body)
        const copy = await api(duplicateAgent, { params, body }, { idempotencyKey })
        show(copy)
        router.push(paths.agent(copy.id))
      }
      toast(t('done', { name: body.name.trim() }))
      onClose()
    },
  })
  return (
    <FormDialog
      title={t('title', { name: agent.name })}
      hint={t('hint')}
      action={t('action')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={t('name')} error={messageOf('name')}>
        {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
      </Field>
    </FormDialog>
  )
}
