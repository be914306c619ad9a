'use client'
import { useId } from 'react'
import { Button, type ButtonProps } from './button.tsx'
import { Tooltip } from './tooltip.tsx'

/** A button that can say why it cannot be used now: it keeps its place and its focus, and does nothing. */
export function GuardedButton({
  refusal,
  ...rest
}: Omit<ButtonProps, 'asChild'> & { refusal: string | null }) {
  const id = useId()
  if (!refusal) return <Button {...rest} />
  return (
    <Tooltip text={refusal}>
      <Button
        {...rest}
        type="button"
        aria-disabled
        aria-describedby={id}
        onClick={(event) => event.preventDefault()}
        className={`cursor-not-allowed opacity-50 ${rest.className ?? ''}`}
      />
      <span id={id} className="sr-only">
        {refusal}
      </span>
    </Tooltip>
  )
}
