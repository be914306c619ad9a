import { Slot } from 'radix-ui'
import type { ComponentProps } from 'react'
import { classes } from '../lib/classes.ts'

const kinds = {
  primary: 'bg-brand text-brand-ink hover:bg-brand/90 active:bg-brand/80',
  plain: 'border border-line bg-panel text-ink hover:bg-ink/4 active:bg-ink/8',
  quiet: 'text-ink hover:bg-ink/6 active:bg-ink/10',
  danger: 'bg-bad text-bad-ink hover:bg-bad/90 active:bg-bad/80',
} as const

const sizes = { small: 'h-7 gap-1.5 px-2 text-xs', medium: 'h-8 gap-2 px-3 text-sm' } as const

export type ButtonProps = ComponentProps<'button'> & {
  kind?: keyof typeof kinds
  size?: keyof typeof sizes
  /** Draws its child (a link, say) as a button. */
  asChild?: boolean
}

export function Button({
  kind = 'plain',
  size = 'medium',
  asChild,
  className,
  ...rest
}: ButtonProps) {
  const Tag = asChild ? Slot.Root : 'button'
  return (
    <Tag
      {...(!asChild && { type: 'button' })}
      className={classes(
        'inline-flex shrink-0 select-none items-center justify-center whitespace-nowrap rounded-control font-medium transition-colors duration-120',
        'disabled:cursor-not-allowed disabled:opacity-50',
        kinds[kind],
        sizes[size],
        className,
      )}
      {...rest}
    />
  )
}
