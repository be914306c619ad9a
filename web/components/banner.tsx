import type { ReactNode } from 'react'
import { classes } from '../lib/classes.ts'

const kinds = {
  note: 'bg-ink/4 text-ink',
  warn: 'bg-warn/10 text-ink',
  bad: 'bg-bad/10 text-ink',
} as const

/** A slim line across the page, above everything. */
export const Banner = (props: {
  kind?: keyof typeof kinds
  icon?: ReactNode
  children: ReactNode
}) => (
  <div
    className={classes(
      'flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-4 py-1.5 text-xs',
      kinds[props.kind ?? 'note'],
    )}
  >
    {props.icon}
    {props.children}
  </div>
)
