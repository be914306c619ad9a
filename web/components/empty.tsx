import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { classes } from '../lib/classes.ts'

/** Why there is nothing, in a sentence, and one thing to do about it. */
export function Empty(props: {
  icon?: LucideIcon
  title: string
  hint?: ReactNode
  action?: ReactNode
  className?: string
}) {
  const Icon = props.icon
  return (
    <div
      className={classes(
        'mx-auto flex max-w-md flex-col items-center px-6 py-16 text-center',
        props.className,
      )}
    >
      {Icon && <Icon aria-hidden className="mb-3 size-6 text-soft" strokeWidth={1.5} />}
      <p className="font-medium">{props.title}</p>
      {props.hint && <div className="mt-1 text-balance text-soft">{props.hint}</div>}
      {props.action && <div className="mt-4 flex gap-2">{props.action}</div>}
    </div>
  )
}
