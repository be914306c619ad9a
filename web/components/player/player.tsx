'use client'
import { LoaderCircle, Pause, Play, RotateCcw, RotateCw } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { classes } from '../../lib/classes.ts'
import { formatMs } from '../../lib/format/duration.ts'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useStore } from '../../lib/store.ts'
import { Button } from '../button.tsx'
import { ErrorBox } from '../error-box.tsx'
import { IconButton } from '../icon-button.tsx'
import { Menu, MenuRadios } from '../menu.tsx'
import { type Peaks, talkShare } from './peaks.ts'
import { type Playback, speeds } from './playback.ts'
import { Waveform } from './waveform.tsx'

export const SKIP_MS = 5_000

/** Play, skip, speed and the waveform of one recording. */
export function Player(props: {
  playback: Playback
  peaks: Peaks | undefined
  /** Leaves out the talk shares and lowers the lanes, for a panel. */
  isCompact?: boolean
  className?: string
}) {
  const t = useTranslations('player')
  const { playback, peaks, isCompact } = props
  const status = useStore(playback.state, (state) => state.status)
  return (
    <section aria-label={t('label')} className={classes('flex flex-col gap-2', props.className)}>
      <div className="flex items-stretch gap-3">
        {!isCompact && <Lanes peaks={peaks} />}
        <Waveform
          playback={playback}
          peaks={peaks}
          className={classes('min-w-0 grow', isCompact ? 'h-12' : 'h-16')}
        />
      </div>
      <div className="flex items-center gap-1">
        <PlayButton playback={playback} />
        <IconButton label={t('back')} onClick={() => playback.skip(-SKIP_MS)}>
          <RotateCcw aria-hidden className="size-4" />
        </IconButton>
        <IconButton label={t('forward')} onClick={() => playback.skip(SKIP_MS)}>
          <RotateCw aria-hidden className="size-4" />
        </IconButton>
        <Position playback={playback} />
        <span className="grow" />
        <SpeedMenu playback={playback} />
      </div>
      {status === 'failed' && (
        <ErrorBox
          title={t('failed')}
          error={playback.state.get().error}
          onRetry={() => void playback.play()}
        />
      )}
    </section>
  )
}

function PlayButton({ playback }: { playback: Playback }) {
  const t = useTranslations('player')
  const isPlaying = useStore(playback.state, (state) => state.isPlaying)
  const isLoading = useStore(playback.state, (state) => state.status === 'loading')
  const Icon = isLoading ? LoaderCircle : isPlaying ? Pause : Play
  return (
    <Button
      kind="primary"
      aria-label={isPlaying ? t('pause') : t('play')}
      aria-busy={isLoading}
      onClick={() => playback.toggle()}
      className="mr-1 w-8 px-0"
    >
      <Icon
        aria-hidden
        className={classes(
          'size-4 fill-current',
          isLoading && 'fill-none motion-safe:animate-spin',
        )}
      />
    </Button>
  )
}

function Position({ playback }: { playback: Playback }) {
  const second = useStore(playback.state, (state) => Math.floor(state.positionMs / 1000))
  return (
    <span className="ml-1 whitespace-nowrap text-soft tabular-nums">
      <span className="text-ink">{formatMs(second * 1000)}</span> / {formatMs(playback.durationMs)}
    </span>
  )
}

function SpeedMenu({ playback }: { playback: Playback }) {
  const t = useTranslations('player')
  const format = useFormat()
  const speed = useStore(playback.state, (state) => state.speed)
  const options = speeds.map((value) => ({
    value: String(value),
    label: t('times', { speed: format.number(value) }),
  }))
  return (
    <Menu
      align="end"
      className="min-w-28"
      trigger={
        <Button kind="quiet" aria-label={t('speed', { speed: format.number(speed) })}>
          <span className="tabular-nums">{t('times', { speed: format.number(speed) })}</span>
        </Button>
      }
    >
      <MenuRadios
        value={String(speed)}
        options={options}
        onChange={(value) => {
          const chosen = speeds.find((known) => String(known) === value)
          if (chosen) playback.setSpeed(chosen)
        }}
      />
    </Menu>
  )
}

function Lanes({ peaks }: { peaks: Peaks | undefined }) {
  const t = useTranslations('player')
  const format = useFormat()
  const share = (side: readonly number[] | undefined) =>
    side && side.length > 0
      ? format.number(talkShare(side), { style: 'percent', maximumFractionDigits: 0 })
      : ''
  const lanes = [
    { name: t('agent'), share: share(peaks?.agent), dot: 'bg-ok' },
    { name: t('caller'), share: share(peaks?.customer), dot: 'bg-brand' },
  ]
  return (
    <dl className="flex w-24 shrink-0 flex-col gap-0.5 text-xs max-sm:hidden">
      {lanes.map((lane) => (
        <div key={lane.name} className="flex flex-1 items-center gap-1.5">
          <span aria-hidden className={classes('size-2 rounded-full', lane.dot)} />
          <dt>{lane.name}</dt>
          <dd className="ml-auto text-soft tabular-nums" title={t('talkShare')}>
            {lane.share}
          </dd>
        </div>
      ))}
    </dl>
  )
}
