import type { CSSProperties, ReactNode } from 'react'
import { classes } from '../lib/classes.ts'

/** A grey bar where text will be. */
export const Bone = (props: { className?: string; style?: CSSProperties }) => (
  <span
    style={props.style}
    className={classes('block h-3 animate-pulse-slow rounded-sm bg-ink/8', props.className)}
  />
)

/** Holds bones; says once what is loading, and draws nothing for the first 150 ms. */
export const Skeleton = (props: { label: string; className?: string; children: ReactNode }) => (
  <div role="status" aria-label={props.label} className={classes('appear-late', props.className)}>
    {props.children}
  </div>
)
