import { Slot } from 'radix-ui'
import type { ComponentProps } from 'react'
import { classes } from '../lib/classes.ts'
import { Tooltip } from './tooltip.tsx'

type IconButtonProps = ComponentProps<'button'> & {
  /** Its accessible name and its tooltip. */
  label: string
  shortcut?: string
  asChild?: boolean
}

export function IconButton({ label, shortcut, asChild, className, ...rest }: IconButtonProps) {
  const Tag = asChild ? Slot.Root : 'button'
  return (
    <Tooltip text={label} shortcut={shortcut}>
      <Tag
        {...(!asChild && { type: 'button' })}
        aria-label={label}
        className={classes(
          'inline-flex size-8 shrink-0 items-center justify-center rounded-control text-soft transition-colors duration-120',
          'hover:bg-ink/6 hover:text-ink active:bg-ink/10 disabled:cursor-not-allowed disabled:opacity-50',
          className,
        )}
        {...rest}
      />
    </Tooltip>
  )
}
