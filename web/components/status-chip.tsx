import type { LucideIcon } from 'lucide-react'
import { classes } from '../lib/classes.ts'

export type Tone = 'neutral' | 'brand' | 'ok' | 'warn' | 'bad'

const tones: Record<Tone, string> = {
  neutral: 'text-soft',
  brand: 'text-brand',
  ok: 'text-ok',
  warn: 'text-warn',
  bad: 'text-bad',
}

/** A state as icon and word: the colour only repeats what both say. */
export function StatusChip(props: {
  icon: LucideIcon
  tone: Tone
  label: string
  /** For what is happening right now. */
  isPulsing?: boolean
  /** In a very narrow table the icon stands alone; the word stays for screen readers and the tooltip. */
  isTight?: boolean
  className?: string
}) {
  const Icon = props.icon
  return (
    <span
      {...(props.isTight && { title: props.label })}
      className={classes('flex items-center gap-1.5 whitespace-nowrap', props.className)}
    >
      <Icon
        aria-hidden
        className={classes(
          'size-4 shrink-0',
          tones[props.tone],
          props.isPulsing && 'animate-pulse-slow',
        )}
      />
      <span className={classes(props.isTight && '@max-sm:sr-only')}>{props.label}</span>
    </span>
  )
}
