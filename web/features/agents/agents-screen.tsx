'use client'
import { Bot, Plus } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { listAgents } from '#contracts/agents'
import { Empty } from '../../components/empty.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { ProgressLine } from '../../components/progress-line.tsx'
import { Forbidden } from '../../components/refusals.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useMay } from '../../lib/session.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import type { Agent } from './agent-types.ts'
import { AgentsTable } from './agents-table.tsx'

const CreateAgent = lazy(() =>
  import('./create-agent.tsx').then((file) => ({ default: file.CreateAgent })),
)

const REFRESH_MS = 3_000 // A push to ElevenLabs takes a second or two.

/** The organization's agents: who answers where, and whether ElevenLabs holds what is published. */
export function AgentsScreen(props: { actions?: ReactNode }) {
  return useMay('agents.read') ? <Agents {...props} /> : <Forbidden needs="agents.read" />
}

function Agents({ actions }: { actions?: ReactNode }) {
  const t = useTranslations('agents')
  const mayWrite = useMay('agents.write')
  const refusal = useWriteRefusal()
  const [isCreating, setCreating] = useState(false)
  const list = useEndpointPages(
    listAgents,
    { query: {} },
    { refetchInterval: (pages) => (pages.some(isPushing) ? REFRESH_MS : false) },
  )
  const create = mayWrite && (
    <GuardedButton kind="primary" refusal={refusal} onClick={() => setCreating(true)}>
      <Plus aria-hidden className="size-4" />
      {t('create')}
    </GuardedButton>
  )
  return (
    <>
      <div className="px-4 pt-5 pb-3 md:px-6">
        <PageHeader
          title={t('title')}
          note={mayWrite ? undefined : t('readOnly')}
          actions={
            <>
              {actions}
              {create}
            </>
          }
        />
      </div>
      <div className="relative">
        <ProgressLine isActive={list.isFetching && !list.isPending} />
        <GrowingList
          list={list}
          loading={t('list.loading')}
          failed={t('list.failed')}
          end={t('list.allShown')}
          empty={
            <Empty
              icon={Bot}
              title={t('list.empty')}
              hint={mayWrite ? t('list.emptyHint') : t('list.emptyReader')}
              action={create || undefined}
            />
          }
        >
          {(agents) => <AgentsTable agents={agents} />}
        </GrowingList>
      </div>
      <Suspense fallback={null}>
        {isCreating && <CreateAgent onClose={() => setCreating(false)} />}
      </Suspense>
    </>
  )
}

const isPushing = (page: { items: readonly Agent[] }): boolean =>
  page.items.some(({ syncState }) => syncState === 'pending')
