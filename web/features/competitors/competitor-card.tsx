'use client'
import { ExternalLink, Pencil, Trash2 } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { Moment } from '../../components/moment.tsx'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import type { Competitor } from './competitors-tab.tsx'

const NOW_MS = 60_000
const SHOWN_POINTS = 4 // Cards stay about as tall as each other; the rest unfolds.

const lists = ['talkingPoints', 'strengths', 'weaknesses'] as const

/** One competitor: what to say first, then what is true of them. */
export function CompetitorCard(props: {
  competitor: Competitor
  onEdit(): void
  onDelete(): void
}) {
  const t = useTranslations('competitors')
  const { name, website, updatedAt } = props.competitor
  const mayWrite = useMay('competitors.write')
  const headingId = useId()
  const now = useNow(NOW_MS)
  const filled = lists.filter((key) => props.competitor[key].length > 0)
  return (
    <article aria-labelledby={headingId} className="rounded-card border border-line bg-panel p-4">
      <div className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <h2 id={headingId} className="break-words font-semibold text-base">
            {name}
          </h2>
          {website && <Website url={website} />}
        </div>
        {mayWrite && <Actions name={name} onEdit={props.onEdit} onDelete={props.onDelete} />}
      </div>
      {filled.length === 0 && <p className="mt-3 text-soft">{t('noPoints')}</p>}
      {filled.map((key) => (
        <Points key={key} title={t(`points.${key}`)} points={props.competitor[key]} />
      ))}
      <p className="mt-4 text-soft text-xs">
        {t.rich('updated', { when: () => <Moment at={updatedAt} now={now} /> })}
      </p>
    </article>
  )
}

function Website({ url }: { url: string }): ReactNode {
  const t = useTranslations('competitors')
  return (
    <a
      href={url}
      target="_blank"
      rel="noreferrer"
      className="inline-flex max-w-full items-center gap-1 rounded-sm text-soft text-xs hover:text-ink hover:underline"
    >
      <span className="truncate">{url.replace(/^https?:\/\//, '').replace(/\/$/, '')}</span>
      <ExternalLink aria-hidden className="size-3 shrink-0" />
      <span className="sr-only">{t('newTab')}</span>
    </a>
  )
}

function Actions(props: { name: string; onEdit(): void; onDelete(): void }) {
  const t = useTranslations('competitors')
  const refusal = useWriteRefusal()
  const { name } = props
  return (
    <div className="-mt-1 -mr-2 flex shrink-0">
      <GuardedButton
        kind="quiet"
        size="small"
        refusal={refusal}
        aria-label={t('editNamed', { name })}
        onClick={props.onEdit}
      >
        <Pencil aria-hidden className="size-3.5 text-soft" />
      </GuardedButton>
      <GuardedButton
        kind="quiet"
        size="small"
        refusal={refusal}
        aria-label={t('deleteNamed', { name })}
        onClick={props.onDelete}
      >
        <Trash2 aria-hidden className="size-3.5 text-soft" />
      </GuardedButton>
    </div>
  )
}

function Points({ title, points }: { title: string; points: readonly string[] }) {
  const t = useTranslations('competitors')
  const [isOpen, setOpen] = useState(false)
  const shown = isOpen ? points : points.slice(0, SHOWN_POINTS)
  const rest = points.length - SHOWN_POINTS
  return (
    <section className="mt-4">
      <h3 className="font-medium text-soft text-xs">{title}</h3>
      <ul className="mt-1 list-disc space-y-1 pl-4 marker:text-soft">
        {shown.map((point, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: points have no id, may repeat and never move.
          <li key={place} className="break-words">
            {point}
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <Button
          kind="quiet"
          size="small"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="-ml-2 mt-1"
        >
          {isOpen ? t('fewer') : t('more', { count: rest })}
        </Button>
      )}
    </section>
  )
}
