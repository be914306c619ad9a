import type { Context } from './context.ts'
import { DomainError } from './errors.ts'

export const effectiveInPast = () =>
  new DomainError(
    'request.effective_in_past',
    400,
    'A change counts from now or later, not before.',
  )

/** From when a change counts: now where nobody said; what has been is not changed any more. */
export function effectiveFromOf(ctx: Pick<Context, 'now'>, asked: Date | undefined): Date {
  const now = ctx.now()
  if (asked && asked < now) throw effectiveInPast()
  return asked ?? now
}
