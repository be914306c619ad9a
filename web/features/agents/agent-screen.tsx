'use client'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { getAgent } from '#contracts/agents'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { Forbidden, NotFound } from '../../components/refusals.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { AgentEditor, type TestCallSlot } from './agent-editor.tsx'

const PUSHING_MS = 2_000 // A push to ElevenLabs takes a second or two.
const WATCHING_MS = 20_000 // Somebody else may save the same draft.

type Props = { agentId: string; testCall?: TestCallSlot }

/** One agent: what it is told beside what became of it. */
export function AgentScreen(props: Props) {
  return useMay('agents.read') ? <Found {...props} /> : <Forbidden needs="agents.read" />
}

function Found({ agentId, testCall }: Props) {
  const t = useTranslations('agents.detail')
  const found = useEndpoint(
    getAgent,
    { params: { agentId } },
    {
      refetchInterval: (asked) =>
        asked.state.data?.syncState === 'pending' ? PUSHING_MS : WATCHING_MS,
    },
  )
  if (found.data) {
    return <AgentEditor key={found.data.id} agent={found.data} {...(testCall && { testCall })} />
  }
  if (found.isPending) return <EditorSkeleton />
  // 400: what stands in the address is no id at all.
  if (found.error.status === 404 || found.error.status === 400) {
    return (
      <NotFound title={t('notFound')} hint={t('notFoundHint')}>
        <Button asChild>
          <Link href={paths.agents()}>{t('toList')}</Link>
        </Button>
      </NotFound>
    )
  }
  if (found.error.status === 403) return <Forbidden needs="agents.read" />
  return (
    <div className="p-4 md:p-6">
      <h1 className="sr-only">{t('failedTitle')}</h1>
      <ErrorBox
        title={t('failed')}
        error={found.error}
        onRetry={() => void found.refetch()}
        isRetrying={found.isFetching}
      />
    </div>
  )
}

function EditorSkeleton() {
  const t = useTranslations('agents.detail')
  return (
    <Skeleton label={t('loading')} className="mx-auto w-full max-w-[90rem] px-4 pt-11 pb-6 md:px-6">
      <h1 className="sr-only">{t('loading')}</h1>
      <Bone className="h-5 w-56" />
      <Bone className="mt-3 w-80 max-w-full" />
      <Bone className="mt-8 h-8" />
      <div className="mt-6 grid gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <Bone className="h-96" />
        <Bone className="h-48 max-lg:hidden" />
      </div>
    </Skeleton>
  )
}
