import { classes } from '../lib/classes.ts'

const CELLS = 12
const FLOOR_DB = -48 // Quieter than this is silence on a phone line.

/** How loud a side is right now. Drawn only: a number that changes ten times a second is no use read aloud. */
export function LevelMeter(props: { level: number; tone: 'brand' | 'ok'; className?: string }) {
  const lit = litCells(props.level)
  return (
    <div aria-hidden className={classes('flex h-3 items-stretch gap-0.5', props.className)}>
      {Array.from({ length: CELLS }, (_, cell) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: cells have no identity but their place.
          key={cell}
          className={classes(
            'w-1 rounded-full',
            cell < lit ? (props.tone === 'ok' ? 'bg-ok' : 'bg-brand') : 'bg-ink/10',
          )}
        />
      ))}
    </div>
  )
}

/** Loudness is heard in decibels, so the cells are spread over them. */
export function litCells(level: number): number {
  if (level <= 0) return 0
  const decibels = 20 * Math.log10(Math.min(1, level))
  return Math.max(0, Math.round(((decibels - FLOOR_DB) / -FLOOR_DB) * CELLS))
}
