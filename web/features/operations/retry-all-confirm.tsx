'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { listFailedJobs, listJobQueues, retryAllJobs } from '#contracts/operations'
import { Confirm } from '../../components/confirm.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'

/** Asks before every failed job of a queue is sent again. */
export function RetryAllConfirm({ queue, onClose }: { queue: string; onClose(): void }) {
  const t = useTranslations('platform.jobs')
  const queries = useQueryClient()
  const retry = useEndpointCall(retryAllJobs, {
    onSuccess: ({ retried }) => {
      toast(t('retried', { count: retried }))
      onClose()
      void queries.invalidateQueries({ queryKey: endpointKey(listFailedJobs) })
      void queries.invalidateQueries({ queryKey: endpointKey(listJobQueues) })
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={t('retryAllTitle', { queue })}
      effect={t('retryAllEffect')}
      action={t('retryAll')}
      isSending={retry.isPending}
      failure={retry.error}
      onConfirm={() => retry.mutate({ body: { queue } })}
    />
  )
}
