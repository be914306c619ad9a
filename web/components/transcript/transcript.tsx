'use client'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { Turn } from '#contracts/transcripts'
import { createStore, useStore } from '../../lib/store.ts'
import { useShortcuts } from '../../lib/use-shortcuts.ts'
import { IconButton } from '../icon-button.tsx'
import type { Playback, PlaybackState } from '../player/playback.ts'
import { SearchField } from '../search-field.tsx'
import { Switch } from '../switch.tsx'
import { findMatches, stepMatch, turnAt } from './search.ts'
import { type TurnMatch, TurnRow } from './turn-row.tsx'

const VIRTUAL_FROM = 300 // Below this the browser lays out all turns faster than it measures some of them.
const ROW_GUESS_PX = 76 // A turn of two lines; the real height is measured when a row appears.
const OWN_SCROLL_MS = 400 // A scroll within this time of one we asked for is ours, not the reader's.

const stillState = createStore<PlaybackState>({
  status: 'idle',
  isPlaying: false,
  positionMs: -1,
  speed: 1,
  error: null,
})

/** A call's turns, in step with its player: the current one is marked and followed, a click on a time seeks. */
export function Transcript(props: { turns: readonly Turn[]; playback: Playback | null }) {
  const t = useTranslations('transcript')
  const { turns, playback } = props
  const [query, setQuery] = useState('')
  const [currentMatch, setCurrentMatch] = useState(0)
  const searchRef = useRef<HTMLInputElement>(null)
  const scrollRef = useRef<HTMLDivElement>(null)

  const matches = useMemo(
    () =>
      findMatches(
        turns.map((turn) => turn.text),
        query,
      ),
    [turns, query],
  )
  const matchesByTurn = useMemo(() => {
    const byTurn = new Map<number, TurnMatch[]>()
    for (const [index, match] of matches.entries()) {
      const held = byTurn.get(match.turn) ?? []
      held.push({ ...match, index })
      byTurn.set(match.turn, held)
    }
    return byTurn
  }, [matches])

  const current = useStore(playback?.state ?? stillState, (state) =>
    state.positionMs < 0 ? -1 : turnAt(turns, state.positionMs),
  )
  const isPlaying = useStore(playback?.state ?? stillState, (state) => state.isPlaying)
  const list = useTurnList({ turns, scrollRef, current, isPlaying })
  const { showTurn, setFollowing } = list

  const goToMatch = (index: number) => {
    setCurrentMatch(index)
    const match = matches[index]
    if (!match) return
    setFollowing(false)
    showTurn(match.turn)
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new search begins at its first hit.
  useEffect(() => goToMatch(0), [matches])
  useShortcuts({ '/': () => searchRef.current?.focus() })
  const onSeek = useCallback((ms: number) => playback?.seek(ms), [playback])

  const rowOf = (index: number) => {
    const turn = turns[index]
    if (!turn) return null
    return (
      <TurnRow
        key={turn.seq}
        turn={turn}
        index={index}
        isCurrent={index === current}
        matches={matchesByTurn.get(index) ?? noMatches}
        currentMatch={currentMatch}
        onSeek={playback ? onSeek : undefined}
        {...(list.virtual && { rowRef: list.virtual.measureElement })}
      />
    )
  }
  return (
    <div className="flex min-h-0 flex-col rounded-card border border-line bg-panel">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-line border-b p-2">
        <SearchField
          label={t('search')}
          value={query}
          pauseMs={0}
          onChange={setQuery}
          inputRef={searchRef}
          className="min-w-40 grow"
          onKeyDown={(event) => {
            if (event.key === 'Enter') {
              goToMatch(stepMatch(currentMatch, matches.length, event.shiftKey ? -1 : 1))
            }
            if (event.key === 'Escape') event.currentTarget.blur()
          }}
        />
        {query.trim() !== '' && (
          <div className="flex items-center text-soft text-xs">
            <span role="status" className="mr-1 tabular-nums">
              {matches.length === 0
                ? t('noMatch')
                : t('matchOf', { current: currentMatch + 1, total: matches.length })}
            </span>
            <IconButton
              label={t('previousMatch')}
              disabled={matches.length === 0}
              onClick={() => goToMatch(stepMatch(currentMatch, matches.length, -1))}
            >
              <ChevronUp aria-hidden className="size-4" />
            </IconButton>
            <IconButton
              label={t('nextMatch')}
              disabled={matches.length === 0}
              onClick={() => goToMatch(stepMatch(currentMatch, matches.length, 1))}
            >
              <ChevronDown aria-hidden className="size-4" />
            </IconButton>
          </div>
        )}
        {playback && (
          <Switch isOn={list.isFollowing} onChange={setFollowing}>
            {t('follow')}
          </Switch>
        )}
      </div>
      <div ref={scrollRef} onScroll={list.onScroll} className="min-h-0 overflow-y-auto py-1">
        {list.virtual ? (
          <ol
            aria-label={t('label')}
            className="relative"
            style={{ height: list.virtual.getTotalSize() }}
          >
            <li
              aria-hidden
              style={{ height: list.virtual.getVirtualItems()[0]?.start ?? 0 }}
              className="list-none"
            />
            {list.virtual.getVirtualItems().map((item) => rowOf(item.index))}
          </ol>
        ) : (
          <ol aria-label={t('label')}>{turns.map((_, index) => rowOf(index))}</ol>
        )}
      </div>
    </div>
  )
}

const noMatches: readonly TurnMatch[] = []

/** Scrolling: shows a turn, follows the playing one until the reader scrolls, draws only what is seen of a long list. */
function useTurnList(props: {
  turns: readonly Turn[]
  scrollRef: RefObject<HTMLDivElement | null>
  current: number
  isPlaying: boolean
}) {
  const { turns, scrollRef, current, isPlaying } = props
  const [isFollowing, setFollowing] = useState(true)
  const ownScrollUntil = useRef(0)
  const isVirtual = turns.length > VIRTUAL_FROM
  const virtualizer = useVirtualizer({
    count: isVirtual ? turns.length : 0,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ROW_GUESS_PX,
    overscan: 8,
  })

  const showTurn = useCallback(
    (index: number) => {
      ownScrollUntil.current = Date.now() + OWN_SCROLL_MS
      if (isVirtual) {
        virtualizer.scrollToIndex(index, { align: 'center' })
        return
      }
      const box = scrollRef.current
      const row = box?.querySelector<HTMLElement>(`[data-index="${index}"]`)
      if (!box || !row) return
      box.scrollTop = row.offsetTop - box.offsetTop - box.clientHeight / 2 + row.clientHeight / 2
    },
    [isVirtual, virtualizer, scrollRef],
  )

  useEffect(() => {
    if (isFollowing && isPlaying && current >= 0) showTurn(current)
  }, [isFollowing, isPlaying, current, showTurn])

  return {
    virtual: isVirtual ? virtualizer : null,
    isFollowing,
    setFollowing,
    showTurn,
    onScroll: () => {
      if (isPlaying && Date.now() > ownScrollUntil.current) setFollowing(false)
    },
  }
}
