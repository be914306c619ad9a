'use client'
import { useTranslations } from 'use-intl'
import { Fact, Facts } from '../../components/facts.tsx'
import { Moment } from '../../components/moment.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useNow } from '../../lib/use-now.ts'
import type { AgentDetail } from './agent-types.ts'

const NOW_MS = 60_000

/** What callers hear now, when the draft was saved, and where ElevenLabs keeps its copy. */
export function PublishedCard({ agent }: { agent: AgentDetail }) {
  const t = useTranslations('agents.card')
  const format = useFormat()
  const now = useNow(NOW_MS)
  const { published, sync } = agent
  const by = (name: string | null) => (name ? t('by', { name }) : '')
  return (
    <section aria-label={t('title')} className="rounded-card border border-line bg-panel px-4 py-2">
      <h2 className="pt-1 pb-1 font-medium">{t('title')}</h2>
      <Facts>
        <Fact name={t('published')}>
          {published ? (
            <>
              {t('version', { number: published.number })}{' '}
              <span className="text-soft">
                <Moment at={published.publishedAt} now={now} style="ago" />{' '}
                {by(published.publishedBy)}
              </span>
            </>
          ) : (
            t('never')
          )}
        </Fact>
        <Fact name={t('draft')}>
          <Moment at={agent.draftSavedAt} now={now} style="ago" />{' '}
          <span className="text-soft">{by(agent.draftSavedBy)}</span>
        </Fact>
        <Fact name={t('calls')}>{format.number(agent.callsLast7Days)}</Fact>
        {sync.pushedVersion !== null && (
          <Fact name={t('pushed')}>{t('version', { number: sync.pushedVersion })}</Fact>
        )}
        {sync.checkedAt && (
          <Fact name={t('checked')}>
            <Moment at={sync.checkedAt} now={now} style="ago" />
          </Fact>
        )}
        {agent.elevenLabsAgentId && (
          <Fact name={t('vendorId')} copies={agent.elevenLabsAgentId}>
            <code title={agent.elevenLabsAgentId} className="block truncate text-xs">
              {agent.elevenLabsAgentId}
            </code>
          </Fact>
        )}
      </Facts>
    </section>
  )
}
