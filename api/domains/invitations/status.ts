import type { Status } from './queries.ts'

/** Expiry is a moment and not a state: nobody has to write it, so nobody can forget to. */
export const statusOf = (
  invitation: { state: 'pending' | 'accepted' | 'revoked'; expiresAt: Date },
  now: Date,
): Status =>
  invitation.state === 'pending' && invitation.expiresAt <= now ? 'expired' : invitation.state
