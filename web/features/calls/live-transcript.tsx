'use client'
import { Unplug } from 'lucide-react'
import { Fragment, useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { Turn } from '#contracts/transcripts'
import { Button } from '../../components/button.tsx'
import { TurnRow } from '../../components/transcript/turn-row.tsx'
import { useStore } from '../../lib/store.ts'
import type { LiveFeed } from './live-feed.ts'

const AT_END_PX = 48 // A reader this close to the end wants to see what comes next.
const speakers = ['customer', 'agent', 'rep'] as const

/** What is said, as it is said: final turns, then in grey what may still change. Stays at the end unless the reader left it. */
export function LiveTranscript({ feed }: { feed: LiveFeed }) {
  const t = useTranslations('live.call')
  const turns = useStore(feed.state, (state) => state.turns)
  const tentative = useStore(feed.state, (state) => state.tentative)
  const gapsAfter = useStore(feed.state, (state) => state.gapsAfter)
  const box = useRef<HTMLDivElement>(null)
  const [isAtEnd, setAtEnd] = useState(true)

  // biome-ignore lint/correctness/useExhaustiveDependencies: each new word moves the end.
  useEffect(() => {
    if (isAtEnd && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [isAtEnd, turns, tentative])

  const isEmpty = turns.length === 0 && speakers.every((speaker) => !tentative[speaker])
  return (
    <div className="relative flex h-[calc(100dvh-12rem)] min-h-72 flex-col rounded-card border border-line bg-panel max-lg:h-[55dvh]">
      <div
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        tabIndex={0}
        role="log"
        aria-label={t('transcript')}
        onScroll={(event) => {
          const area = event.currentTarget
          setAtEnd(area.scrollHeight - area.scrollTop - area.clientHeight < AT_END_PX)
        }}
        className="min-h-0 grow overflow-y-auto py-2"
      >
        {isEmpty ? (
          <p className="px-4 py-8 text-center text-soft">{t('nothingSaid')}</p>
        ) : (
          <ol>
            {turns.map((turn) => (
              <Fragment key={turn.seq}>
                <TurnRow turn={turn} />
                {gapsAfter.includes(turn.seq) && <Gap />}
              </Fragment>
            ))}
            {speakers.map(
              (speaker) =>
                tentative[speaker] && (
                  <Tentative key={speaker} speaker={speaker} text={tentative[speaker]} />
                ),
            )}
          </ol>
        )}
      </div>
      {!isAtEnd && (
        <Button
          size="small"
          className="absolute bottom-3 left-1/2 -translate-x-1/2 shadow-float"
          onClick={() => setAtEnd(true)}
        >
          {t('toEnd')}
        </Button>
      )}
    </div>
  )
}

function Tentative({ speaker, text }: { speaker: Turn['speaker']; text: string }) {
  const t = useTranslations('transcript.speakers')
  return (
    <li
      aria-hidden
      className="grid grid-cols-[3.25rem_1fr] gap-x-2 border-transparent border-l-2 py-1.5 pr-3 pl-2 text-soft"
    >
      <span />
      <div className="min-w-0">
        <p className="font-medium text-xs leading-6">{t(speaker)}</p>
        <p className="break-words italic">{text}</p>
      </div>
    </li>
  )
}

function Gap() {
  const t = useTranslations('live.call')
  return (
    <li className="mx-3 my-1 flex items-center gap-2 text-soft text-xs before:h-px before:grow before:bg-line after:h-px after:grow after:bg-line">
      <Unplug aria-hidden className="size-3.5" />
      {t('gap')}
    </li>
  )
}
