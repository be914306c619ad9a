'use client'
import { type KeyboardEvent, type PointerEvent, useMemo, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { classes } from '../../lib/classes.ts'
import { useStore } from '../../lib/store.ts'
import { type Peaks, toBars, toPath } from './peaks.ts'
import type { Playback } from './playback.ts'

const BARS = 320 // About three pixels a bar on a wide screen; more cannot be told apart.
const ARROW_MS = 5_000
const PAGE_MS = 30_000

/** The recording as two lanes, one a side, and a slider over both. */
export function Waveform(props: {
  playback: Playback
  peaks: Peaks | undefined
  className?: string
}) {
  const t = useTranslations('player')
  const { playback, peaks } = props
  const box = useRef<HTMLDivElement>(null)
  const second = useStore(playback.state, (state) => Math.floor(state.positionMs / 1000))
  const lanes = useMemo(
    () => ({
      agent: toPath(toBars(peaks?.agent ?? [], BARS)),
      customer: toPath(toBars(peaks?.customer ?? [], BARS)),
    }),
    [peaks],
  )

  const seekTo = (event: PointerEvent) => {
    const area = box.current?.getBoundingClientRect()
    if (!area || area.width === 0) return
    playback.seek(((event.clientX - area.left) / area.width) * playback.durationMs)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const move = keyMoves[event.key]
    if (!move) return
    event.preventDefault()
    event.stopPropagation()
    move(playback)
  }
  return (
    <div
      ref={box}
      role="slider"
      tabIndex={0}
      aria-label={t('position')}
      aria-valuemin={0}
      aria-valuemax={Math.round(playback.durationMs / 1000)}
      aria-valuenow={second}
      aria-valuetext={t('positionOf', {
        minutes: Math.floor(second / 60),
        seconds: second % 60,
        total: Math.max(1, Math.round(playback.durationMs / 60_000)),
      })}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        seekTo(event)
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) seekTo(event)
      }}
      className={classes(
        'relative flex cursor-pointer touch-none flex-col gap-0.5 rounded-sm',
        props.className,
      )}
    >
      <Lane path={lanes.agent} className="text-ok" playback={playback} />
      <Lane path={lanes.customer} className="text-brand" playback={playback} />
      <Needle playback={playback} />
    </div>
  )
}

const keyMoves: Record<string, (playback: Playback) => void> = {
  ArrowLeft: (playback) => playback.skip(-ARROW_MS),
  ArrowDown: (playback) => playback.skip(-ARROW_MS),
  ArrowRight: (playback) => playback.skip(ARROW_MS),
  ArrowUp: (playback) => playback.skip(ARROW_MS),
  PageDown: (playback) => playback.skip(-PAGE_MS),
  PageUp: (playback) => playback.skip(PAGE_MS),
  Home: (playback) => playback.seek(0),
  End: (playback) => playback.seek(playback.durationMs),
}

function Lane(props: { path: string; className: string; playback: Playback }) {
  return (
    <div aria-hidden className={classes('relative min-h-0 flex-1', props.className)}>
      <Bars path={props.path} className="opacity-30" />
      <Played playback={props.playback}>
        <Bars path={props.path} />
      </Played>
    </div>
  )
}

const Bars = (props: { path: string; className?: string }) => (
  <svg
    aria-hidden
    viewBox={`0 0 ${BARS} 1`}
    preserveAspectRatio="none"
    className={classes('absolute inset-0 size-full', props.className)}
  >
    <path d={props.path} fill="currentColor" />
  </svg>
)

/** Cuts its content off at the playing position. */
function Played(props: { playback: Playback; children: React.ReactNode }) {
  const share = useShare(props.playback)
  return (
    <div className="absolute inset-0" style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}>
      {props.children}
    </div>
  )
}

function Needle({ playback }: { playback: Playback }) {
  const share = useShare(playback)
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute inset-y-0 w-px bg-ink"
      style={{ left: `${share}%` }}
    />
  )
}

const useShare = (playback: Playback): number =>
  useStore(playback.state, (state) =>
    playback.durationMs === 0 ? 0 : (state.positionMs / playback.durationMs) * 100,
  )
