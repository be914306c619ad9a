export type Peaks = {
  durationMs: number
  perSecond: number
  customer: readonly number[]
  agent: readonly number[]
}

/** As many bars as asked for, each as tall as the loudest peak below it, so that no short word is lost. */
export function toBars(peaks: readonly number[], count: number): number[] {
  if (peaks.length === 0) return Array.from({ length: count }, () => 0)
  return Array.from({ length: count }, (_, bar) => {
    const from = Math.floor((bar * peaks.length) / count)
    const to = Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / count))
    let tallest = 0
    for (let index = from; index < to; index += 1) tallest = Math.max(tallest, peaks[index] ?? 0)
    return tallest
  })
}

const BAR_WIDTH = 0.62 // Of a bar's place: the rest is the gap that makes bars readable.
const LEAST_HEIGHT = 0.04 // Silence is drawn as a hairline, or the waveform would seem to end.
const LOUDNESS_POWER = 0.7 // Phone speech is mostly quiet; this lifts it without flattening the loud parts.

/** The bars as one path in a box of `count` by 1, centred on the middle line. */
export function toPath(bars: readonly number[]): string {
  return bars
    .map((peak, index) => {
      const height = Math.max(LEAST_HEIGHT, Math.min(1, peak) ** LOUDNESS_POWER)
      const x = index + (1 - BAR_WIDTH) / 2
      const top = (1 - height) / 2
      return `M${round(x)} ${round(top)}h${BAR_WIDTH}v${round(height)}h-${BAR_WIDTH}z`
    })
    .join('')
}

/** How much of the time each side was audible, 0 to 1 of the whole. */
export function talkShare(peaks: readonly number[]): number {
  if (peaks.length === 0) return 0
  return peaks.filter((peak) => peak > AUDIBLE).length / peaks.length
}

const AUDIBLE = 0.02 // Line noise stays under this in mu-law recordings.

const round = (value: number): number => Math.round(value * 1000) / 1000
