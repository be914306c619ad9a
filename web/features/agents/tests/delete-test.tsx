'use client'
import { useTranslations } from 'use-intl'
import { deleteAgentTest } from '#contracts/agent-tests'
import { Confirm } from '../../../components/confirm.tsx'
import { toast } from '../../../components/toast.tsx'
import { useEndpointCall } from '../../../lib/api/use-endpoint.tsx'
import type { AgentTest } from './test-types.ts'
import { useTestDesk } from './tests-context.tsx'
import { useRefreshTests } from './use-tests.ts'

export function DeleteTest({ test, onClose }: { test: AgentTest; onClose(): void }) {
  const t = useTranslations('agentTests.deletion')
  const refresh = useRefreshTests()
  const { open } = useTestDesk()
  const { id, agentId, name } = test
  const remove = useEndpointCall(deleteAgentTest, {
    onSuccess: () => {
      toast(t('done', { name }))
      open({})
      void refresh()
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
      isSending={remove.isPending}
      onConfirm={() => remove.mutate({ params: { agentId, testId: id } })}
      failure={remove.error}
    />
  )
}
