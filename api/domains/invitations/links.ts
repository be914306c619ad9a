import { createHash } from 'node:crypto'
import type { Context } from '#api/core/context.ts'

export const INVITATION_HOURS = 72 // THREATS T8

/**
 * The token of an invitation's n-th link. Derived, so that neither a job nor the database holds it and whoever
 * mails it can make it again; each sending has another, so that older links are dead.
 */
export const tokenOf = (ctx: Context, invitationId: string, sends: number): string =>
  ctx.signer.sign('invitation', `${invitationId}:${sends}`)

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')

/** In the fragment, which browsers keep to themselves: no log of ours or of a proxy sees the token. */
export const linkTo = (ctx: Context, token: string): string => `${ctx.publicWebUrl}/invite#${token}`

export const expiryFrom = (now: Date): Date =>
  new Date(now.getTime() + INVITATION_HOURS * 3_600_000)

/** Enough for its owner to know the address, too little for anybody else: `a…a@example.com`. */
export function emailHint(email: string): string {
  const at = email.lastIndexOf('@')
  const [name, host] = [email.slice(0, at), email.slice(at + 1)]
  const last = name.length > 2 ? name.slice(-1) : ''
  return `${name.slice(0, 1)}…${last}@${host}`
}
