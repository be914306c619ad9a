'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { archiveAgent, listAgents } from '#contracts/agents'
import { Confirm } from '../../components/confirm.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { formatPhone } from '../../lib/format/phone.ts'
import { paths } from '../../lib/paths.ts'
import type { AgentDetail } from './agent-types.ts'

/** Asks before an agent goes; with its name typed where callers would notice. */
export function ArchiveAgent({ agent, onClose }: { agent: AgentDetail; onClose(): void }) {
  const t = useTranslations('agents.archiving')
  const queries = useQueryClient()
  const router = useRouter()
  const { id, name, numbers } = agent
  const isAttached = numbers.length > 0
  const archive = useEndpointCall(archiveAgent, {
    onSuccess: () => {
      toast(t('done', { name }))
      void queries.invalidateQueries({ queryKey: endpointKey(listAgents) })
      router.push(paths.agents())
      onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={t('title', { name })}
      effect={t('effect')}
      action={t('action')}
      isSending={archive.isPending}
      onConfirm={() =>
        archive.mutate({
          params: { agentId: id },
          body: isAttached ? { confirmName: name } : {},
        })
      }
      failure={archive.error}
      {...(isAttached && { typedName: name })}
    >
      {isAttached && (
        <p>
          {t('attached', {
            count: numbers.length,
            numbers: numbers.map(({ e164 }) => formatPhone(e164)).join(', '),
          })}
        </p>
      )}
    </Confirm>
  )
}
