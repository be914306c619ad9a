'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { listVersions, rollbackAgent } from '#contracts/agents'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Textarea } from '../../components/input.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { useIdempotency } from '../../lib/use-idempotency.ts'
import type { AgentDetail, AgentVersion } from './agent-types.ts'
import { Differences } from './differences.tsx'
import { useShowAgent } from './use-agent-calls.ts'

const noteOnly = rollbackAgent.body.pick({ note: true })

/** Publishes an old version again, after showing what changes for callers. */
export function RestoreDialog(props: {
  agent: AgentDetail
  version: AgentVersion
  onClose(): void
}) {
  const t = useTranslations('agents.restoring')
  const api = useApi()
  const queries = useQueryClient()
  const show = useShowAgent()
  const keyOf = useIdempotency()
  const { agent, onClose } = props
  const { number } = props.version
  const current = agent.publishedVersion ?? 1
  const params = { agentId: agent.id }
  const { form, submit, failure, messageOf, isSending } = useApiForm(noteOnly, {
    values: { note: '' },
    async send(values) {
      const body = { ...values, number, expectedVersion: current }
      const answer = await api(rollbackAgent, { params, body }, { idempotencyKey: keyOf(body) })
      show(answer)
      void queries.invalidateQueries({ queryKey: endpointKey(listVersions) })
      toast(t('done', { number, next: answer.publishedVersion ?? current }))
      onClose()
    },
  })
  return (
    <FormDialog
      title={t('title', { number })}
      hint={t('hint', { number, next: current + 1 })}
      action={t('action')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
      isWide
    >
      <Field label={t('note')} error={messageOf('note')} isOptional>
        {(control) => <Textarea {...control} {...form.register('note')} rows={2} />}
      </Field>
      <section className="space-y-2">
        <h3 className="font-medium">{t('changes')}</h3>
        <Differences agentId={agent.id} from={current} to={number} />
      </section>
    </FormDialog>
  )
}
