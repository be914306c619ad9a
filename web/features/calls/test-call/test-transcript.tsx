'use client'
import { Timer } from 'lucide-react'
import { Fragment, useEffect, useMemo, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { TurnRow } from '../../../components/transcript/turn-row.tsx'
import { useStore } from '../../../lib/store.ts'
import type { LiveFeed } from '../live-feed.ts'
import { latencyByTurn } from './latency.ts'

/** What was said so far; under each answer how long it took. */
export function TestTranscript({ feed }: { feed: LiveFeed }) {
  const t = useTranslations('testCall')
  const turns = useStore(feed.state, (state) => state.turns)
  const events = useStore(feed.state, (state) => state.events)
  const latencies = useMemo(() => latencyByTurn(turns, events), [turns, events])
  const box = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new turn moves the end.
  useEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight
  }, [turns])
  return (
    <div
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
      tabIndex={0}
      role="log"
      aria-label={t('transcript')}
      className="max-h-72 min-h-24 overflow-y-auto rounded-control border border-line py-1"
    >
      {turns.length === 0 ? (
        <p className="px-3 py-4 text-soft">{t('nothingSaid')}</p>
      ) : (
        <ol>
          {turns.map((turn) => {
            const latencyMs = latencies.get(turn.seq)
            return (
              <Fragment key={turn.seq}>
                <TurnRow turn={turn} />
                {latencyMs !== undefined && <Latency ms={latencyMs} />}
              </Fragment>
            )
          })}
        </ol>
      )}
    </div>
  )
}

function Latency({ ms }: { ms: number }) {
  const t = useTranslations('testCall')
  return (
    <li className="flex items-center gap-1 pb-1.5 pl-[4.25rem] text-soft text-xs tabular-nums">
      <Timer aria-hidden className="size-3" />
      {t('answeredAfter', { ms })}
    </li>
  )
}
