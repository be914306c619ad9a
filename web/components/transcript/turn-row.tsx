'use client'
import { Scissors, VolumeX } from 'lucide-react'
import { type ReactNode, type Ref, useMemo } from 'react'
import { useTranslations } from 'use-intl'
import type { Turn } from '#contracts/transcripts'
import { classes } from '../../lib/classes.ts'
import { formatMs } from '../../lib/format/duration.ts'
import { partHeard } from './heard.ts'
import { cutAtMatches } from './search.ts'

export type TurnMatch = { start: number; end: number; index: number }

const speakerTones = { agent: 'text-ok', customer: 'text-brand', rep: 'text-warn' } as const

/** One turn: who, when, what; what was not heard is dimmed and says so. */
export function TurnRow(props: {
  turn: Turn
  isCurrent?: boolean
  matches?: readonly TurnMatch[]
  currentMatch?: number | null
  /** Absent where there is nothing to seek in. */
  onSeek?: ((ms: number) => void) | undefined
  rowRef?: Ref<HTMLLIElement>
  index?: number
}) {
  const t = useTranslations('transcript')
  const { turn, onSeek } = props
  const parts = useMemo(() => partHeard(turn), [turn])
  const time = formatMs(turn.startMs)
  const marked = (text: string, offset: number) => (
    <Marked
      text={text}
      offset={offset}
      matches={props.matches}
      currentMatch={props.currentMatch ?? null}
    />
  )
  return (
    <li
      ref={props.rowRef}
      data-index={props.index}
      {...(props.isCurrent && { 'aria-current': 'true' as const })}
      className={classes(
        'grid grid-cols-[3.25rem_1fr] gap-x-2 border-l-2 py-1.5 pr-3 pl-2',
        props.isCurrent ? 'border-brand bg-brand/6' : 'border-transparent',
      )}
    >
      {onSeek ? (
        <button
          type="button"
          onClick={() => onSeek(turn.startMs)}
          aria-label={t('playFrom', { time })}
          className="-ml-1 h-6 w-fit self-start rounded-control px-1 text-left text-soft text-xs tabular-nums hover:bg-ink/6 hover:text-ink"
        >
          {time}
        </button>
      ) : (
        <span className="h-6 text-soft text-xs leading-6 tabular-nums">{time}</span>
      )}
      <div className="min-w-0">
        <p className={classes('font-medium text-xs leading-6', speakerTones[turn.speaker])}>
          {t(`speakers.${turn.speaker}`)}
        </p>
        <p className="break-words">
          {marked(parts.heard, 0)}
          {parts.unheard && (
            <span className="text-soft underline decoration-dotted decoration-edge underline-offset-4">
              {marked(parts.unheard, parts.heard.length)}
            </span>
          )}
        </p>
        {turn.heard === 'cut' && (
          <Note icon={<Scissors aria-hidden className="size-3" />}>{t('cut')}</Note>
        )}
        {turn.heard === 'never_played' && (
          <Note icon={<VolumeX aria-hidden className="size-3" />}>{t('neverPlayed')}</Note>
        )}
      </div>
    </li>
  )
}

const Note = (props: { icon: ReactNode; children: ReactNode }) => (
  <p className="mt-0.5 flex items-center gap-1.5 text-soft text-xs">
    {props.icon}
    {props.children}
  </p>
)

function Marked(props: {
  text: string
  offset: number
  matches: readonly TurnMatch[] | undefined
  currentMatch: number | null
}) {
  if (!props.matches || props.matches.length === 0) return props.text
  return cutAtMatches(props.text, props.offset, props.matches).map((piece) =>
    piece.match === null ? (
      piece.text
    ) : (
      <mark
        key={piece.offset}
        {...(piece.match === props.currentMatch && { 'data-current': true })}
      >
        {piece.text}
      </mark>
    ),
  )
}
