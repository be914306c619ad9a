'use client'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Phone } from '../../components/phone.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { AgentSync } from './agent-sync.tsx'
import type { Agent } from './agent-types.ts'
import { useLanguageName } from './use-language-name.ts'
import { useVoiceName } from './use-voice-name.ts'

export function AgentsTable({ agents }: { agents: readonly Agent[] }) {
  const t = useTranslations('agents.list')
  const router = useRouter()
  return (
    <DataTable
      caption={t('caption')}
      columns={useColumns()}
      rows={agents}
      rowKey={(agent) => agent.id}
      onPick={(agentId) => router.push(paths.agent(agentId))}
    />
  )
}

function useColumns(): Column<Agent>[] {
  const t = useTranslations('agents.list')
  const format = useFormat()
  const voiceName = useVoiceName()
  const languageName = useLanguageName()
  return useMemo(
    () => [
      {
        key: 'name',
        header: t('columns.name'),
        className: 'max-w-0 w-[36%] py-1.5',
        cell: (agent) => <Name agent={agent} />,
      },
      {
        key: 'numbers',
        header: t('columns.numbers'),
        from: 'sm',
        className: 'py-1.5',
        cell: ({ numbers }) => <Numbers numbers={numbers} />,
      },
      {
        key: 'voice',
        header: t('columns.voice'),
        from: 'md',
        className: 'max-w-40 truncate',
        cell: ({ voiceId }) => voiceName(voiceId),
      },
      {
        key: 'language',
        header: t('columns.language'),
        from: 'md',
        cell: ({ language }) => languageName(language),
      },
      {
        key: 'calls',
        header: t('columns.calls'),
        from: 'sm',
        isNumeric: true,
        cell: ({ callsLast7Days }) => format.number(callsLast7Days),
      },
      {
        key: 'sync',
        header: t('columns.sync'),
        cell: ({ syncState }) => <AgentSync state={syncState} isTight />,
      },
    ],
    [t, format, voiceName, languageName],
  )
}

function Name({ agent }: { agent: Agent }) {
  const t = useTranslations('agents.list')
  return (
    <>
      <Link
        href={paths.agent(agent.id)}
        data-row-action
        className="line-clamp-2 break-words rounded-sm font-medium hover:underline"
      >
        {agent.name}
      </Link>
      {agent.publishedVersion !== null && agent.hasUnpublishedChanges && (
        <span className="block truncate text-soft text-xs">{t('unpublishedChanges')}</span>
      )}
    </>
  )
}

/** The first number, and how many more lead to the agent. */
function Numbers({ numbers }: Pick<Agent, 'numbers'>) {
  const t = useTranslations('agents.list')
  const [first, ...rest] = numbers
  if (!first) return <span className="text-soft">{t('noNumber')}</span>
  return (
    <>
      <Phone number={first.e164} />
      {rest.length > 0 && (
        <span className="block text-soft text-xs">{t('moreNumbers', { count: rest.length })}</span>
      )}
    </>
  )
}
