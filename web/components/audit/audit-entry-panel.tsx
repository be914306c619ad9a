'use client'
import { X } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { Button } from '../button.tsx'
import { DiffView } from '../diff-view.tsx'
import { Fact, Facts } from '../facts.tsx'
import { IconButton } from '../icon-button.tsx'
import type { AuditFilters } from './filters.ts'
import { type AuditEntry, useActionText, useActorText } from './words.ts'

/** One entry beside the list: what changed, who did it, and the hashes that chain it. */
export function AuditEntryPanel(props: {
  entry: AuditEntry
  onClose(): void
  onFilter(part: Partial<AuditFilters>): void
  /** Where the thing itself can be looked at. */
  subjectHref: string | null
}) {
  const t = useTranslations('audit.panel')
  const format = useFormat()
  const actionText = useActionText()
  const actorText = useActorText()
  const { entry, onFilter, subjectHref } = props
  return (
    <aside
      aria-label={t('label')}
      className="sticky top-12 z-20 flex h-[calc(100dvh-3rem)] w-[26rem] shrink-0 animate-slide-in flex-col border-line border-l bg-panel max-lg:fixed max-lg:inset-0 max-lg:z-40 max-lg:h-auto max-lg:w-auto"
    >
      <div className="flex h-12 shrink-0 items-center gap-2 border-line border-b pr-2 pl-4">
        <h2 className="min-w-0 grow truncate font-semibold">{actionText(entry.action)}</h2>
        <IconButton label={t('close')} shortcut="Esc" onClick={props.onClose}>
          <X aria-hidden className="size-4" />
        </IconButton>
      </div>
      <div className="min-h-0 grow space-y-5 overflow-y-auto p-4">
        <DiffView before={entry.before} after={entry.after} />
        <Facts>
          <Fact name={t('at')}>{format.stamp(entry.at)}</Fact>
          <Fact name={t('actor')} copies={entry.actorId}>
            {actorText(entry)}
          </Fact>
          <Fact name={t('action')}>
            <code className="text-xs">{entry.action}</code>
          </Fact>
          <Fact name={t('subject')} copies={entry.subject}>
            <code className="text-xs">{entry.subject}</code>
          </Fact>
          <Fact name={t('sequence')}>{entry.sequence}</Fact>
          <Fact name={t('hash')} copies={entry.hash}>
            <code className="text-xs">{entry.hash}</code>
          </Fact>
          <Fact name={t('previousHash')} copies={entry.previousHash}>
            <code className="text-xs">{entry.previousHash}</code>
          </Fact>
        </Facts>
        <div className="flex flex-wrap gap-2">
          {subjectHref && (
            <Button size="small" asChild>
              <Link href={subjectHref}>{t('openSubject')}</Link>
            </Button>
          )}
          <Button size="small" onClick={() => onFilter({ subject: entry.subject })}>
            {t('onlySubject')}
          </Button>
          {entry.actorId && (
            <Button size="small" onClick={() => onFilter({ actor: entry.actorId })}>
              {t('onlyActor')}
            </Button>
          )}
          <Button size="small" onClick={() => onFilter({ action: entry.action })}>
            {t('onlyAction')}
          </Button>
        </div>
      </div>
    </aside>
  )
}
