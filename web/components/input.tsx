import type { ComponentProps } from 'react'
import { classes } from '../lib/classes.ts'

export const controlClass =
  'w-full rounded-control border border-edge bg-panel text-sm placeholder:text-soft aria-invalid:border-bad disabled:cursor-not-allowed disabled:bg-ink/4 disabled:text-soft'

export const Input = ({ className, ...rest }: ComponentProps<'input'>) => (
  <input className={classes('h-8 px-2.5', controlClass, className)} {...rest} />
)

export const Textarea = ({ className, ...rest }: ComponentProps<'textarea'>) => (
  <textarea rows={3} className={classes('px-2.5 py-1.5', controlClass, className)} {...rest} />
)
