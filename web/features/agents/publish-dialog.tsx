'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { diffVersions, listVersions, publishAgent } from '#contracts/agents'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Textarea } from '../../components/input.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi, useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { useIdempotency } from '../../lib/use-idempotency.ts'
import type { AgentDetail } from './agent-types.ts'
import { DifferenceList } from './difference-list.tsx'
import { TestsInTheWay } from './tests/tests-in-the-way.tsx'
import { useTestsRefusal } from './tests/use-tests-refusal.ts'
import { useShowAgent } from './use-agent-calls.ts'

const noteOnly = publishAgent.body.pick({ note: true })

/** Shows what callers will notice of the draft, and makes it the next version. */
export function PublishDialog({ agent, onClose }: { agent: AgentDetail; onClose(): void }) {
  const t = useTranslations('agents.publishing')
  const api = useApi()
  const queries = useQueryClient()
  const show = useShowAgent()
  const keyOf = useIdempotency()
  const { id, publishedVersion, numbers } = agent
  const onRefusal = useTestsRefusal()
  const isHeldBack = agent.publishNeedsTests && agent.unpassedTestCount > 0
  const { form, submit, failure, messageOf, isSending } = useApiForm(noteOnly, {
    values: { note: '' },
    async send(values) {
      const body = { ...values, expectedRevision: agent.draftRevision }
      const params = { agentId: id }
      const sent = { params, body }
      const answer = await api(publishAgent, sent, { idempotencyKey: keyOf(body) }).catch(onRefusal)
      show(answer)
      void queries.invalidateQueries({ queryKey: endpointKey(listVersions) })
      toast(t('done', { number: answer.publishedVersion ?? 1 }))
      onClose()
    },
  })
  return (
    <FormDialog
      title={t('title', { number: (publishedVersion ?? 0) + 1 })}
      hint={numbers.length > 0 ? t('hint', { count: numbers.length }) : t('hintNoNumber')}
      action={t('action')}
      isSending={isSending}
      isBlocked={isHeldBack}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
      isWide
    >
      {agent.publishNeedsTests && <TestsInTheWay agent={agent} />}
      <Field label={t('note')} hint={t('noteHint')} error={messageOf('note')} isOptional>
        {(control) => <Textarea {...control} {...form.register('note')} rows={2} />}
      </Field>
      {publishedVersion !== null && <Changes agent={agent} from={publishedVersion} />}
    </FormDialog>
  )
}

function Changes({ agent, from }: { agent: AgentDetail; from: number }) {
  const t = useTranslations('agents.publishing')
  const found = useEndpoint(
    diffVersions,
    { params: { agentId: agent.id }, query: { from, to: 'draft' } },
    { staleTime: 0 },
  )
  if (!found.data) return null
  return (
    <section className="space-y-2">
      <h3 className="font-medium">{t('changes', { number: from })}</h3>
      <DifferenceList differences={found.data.differences} draft={agent.draft} />
    </section>
  )
}
