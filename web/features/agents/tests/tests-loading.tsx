'use client'
import { useTranslations } from 'use-intl'
import { Bone, Skeleton } from '../../../components/skeleton.tsx'

/** Where the tests will be, while they or the code that shows them are on their way. */
export function TestsLoading() {
  const t = useTranslations('agentTests')
  return (
    <Skeleton label={t('loading')} className="space-y-4">
      <Bone className="w-full max-w-md" />
      <Bone className="h-8" />
      <Bone className="h-40" />
    </Skeleton>
  )
}
