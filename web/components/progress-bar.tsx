import { classes } from '../lib/classes.ts'

/** How much of something is done, from 0 to 1; the words beside it belong to whoever draws it. */
export function ProgressBar(props: { label: string; share: number; className?: string }) {
  const percent = Math.round(Math.min(1, Math.max(0, props.share)) * 100)
  return (
    <div
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className={classes('h-1 overflow-hidden rounded-full bg-ink/10', props.className)}
    >
      <div className="h-full rounded-full bg-brand" style={{ width: `${percent}%` }} />
    </div>
  )
}
