'use client'
import { useTranslations } from 'use-intl'
import { diffVersions } from '#contracts/agents'
import { ErrorBox } from '../../components/error-box.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { DifferenceList } from './difference-list.tsx'

/** A version by its number, or what is being written. */
export type Side = number | 'draft'

/** What changes from one side to the other, once it is known. */
export function Differences(props: { agentId: string; from: Side; to: Side }) {
  const t = useTranslations('agents.history')
  const { agentId, from, to } = props
  const found = useEndpoint(diffVersions, { params: { agentId }, query: { from, to } })
  if (found.data) return <DifferenceList differences={found.data.differences} />
  if (found.error) {
    return (
      <ErrorBox
        title={t('compareFailed')}
        error={found.error}
        onRetry={() => void found.refetch()}
        isRetrying={found.isFetching}
      />
    )
  }
  return (
    <Skeleton label={t('comparing')} className="space-y-3">
      <Bone className="w-32" />
      <Bone className="h-16" />
    </Skeleton>
  )
}
