import { type ComponentProps, type ReactNode, useId } from 'react'
import { classes } from '../lib/classes.ts'

/** A box and its text, with room for a second line. */
export function Checkbox({
  label,
  hint,
  className,
  ...rest
}: Omit<ComponentProps<'input'>, 'type'> & { label: ReactNode; hint?: ReactNode }) {
  const id = useId()
  const hintId = `${id}-hint`
  return (
    <span className={classes('flex items-start gap-2.5', className)}>
      <span className="inline-flex size-6 shrink-0 items-center justify-center">
        <input
          type="checkbox"
          id={id}
          {...(hint != null && { 'aria-describedby': hintId })}
          className="size-4 accent-brand disabled:cursor-not-allowed"
          {...rest}
        />
      </span>
      <span className="min-w-0 pt-0.5">
        <label htmlFor={id}>{label}</label>
        {hint != null && (
          <span id={hintId} className="block text-soft text-xs">
            {hint}
          </span>
        )}
      </span>
    </span>
  )
}
