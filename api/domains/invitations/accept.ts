import type { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction } from '#api/core/context.ts'
import { notFound, unauthenticated } from '#api/core/errors.ts'
import { findVerifiedUser } from '#api/domains/access/service.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { addMember } from '#api/domains/members/service.ts'
import { holdOrganization } from '#api/domains/organizations/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import { emailHint, hashToken } from './links.ts'
import * as queries from './queries.ts'
import { statusOf } from './status.ts'

type Joined = z.output<(typeof contract.acceptInvitation)['response']>
type Verified = { userId: string; name: string; email: string }

const MAX_OWN = 20 // more open invitations than anybody chooses among

/** What a link invites to, for whoever holds it. */
export async function previewInvitation(
  ctx: Context,
  token: string,
): Promise<z.output<typeof contract.invitationPreview>> {
  const invited = await asPlatform(ctx, (tx) => queries.findByToken(tx.db, hashToken(token)))
  if (!invited) throw notFound('invitation')
  const { organizationName, organizationStatus, role, expiresAt } = invited
  const status = statusOf(invited, ctx.now())
  return {
    status,
    organizationName,
    organizationStatus,
    role,
    emailHint: emailHint(invited.email),
    expiresAt,
  }
}

/** Joins by a mail's link: once, in time, and only for the address it was sent to. */
export async function acceptInvitation(ctx: Context, token: string): Promise<Joined> {
  const tokenHash = hashToken(token)
  const person = await getVerified(ctx)
  const invited = await asPlatform(ctx, (tx) => queries.findByToken(tx.db, tokenHash))
  if (!invited) throw notFound('invitation')
  if (invited.email !== person.email.toLowerCase())
    throw errors.otherAddress(emailHint(invited.email))
  return join(ctx, invited, person, tokenHash)
}

/** Joins without the link: that the address is verified says as much as having got the mail. */
export async function acceptOwnInvitation(ctx: Context, invitationId: string): Promise<Joined> {
  const person = await getVerified(ctx)
  const invited = await asPlatform(ctx, (tx) =>
    queries.findForAddress(tx.db, invitationId, person.email.toLowerCase()),
  )
  if (!invited) throw notFound('invitation')
  return join(ctx, invited, person, null)
}

export async function listOwnInvitations(
  ctx: Context,
): Promise<{ items: z.output<typeof contract.ownInvitation>[] }> {
  const person = await findPerson(ctx)
  // Who has not proved the address is told nothing of what waits for it.
  if (!person) return { items: [] }
  const items = await asPlatform(ctx, (tx) =>
    queries.listForAddress(tx.db, person.email.toLowerCase(), ctx.now(), MAX_OWN),
  )
  return { items }
}

function join(
  ctx: Context,
  invited: queries.Invited,
  person: Verified,
  tokenHash: string | null,
): Promise<Joined> {
  const { organizationId, id } = invited
  return inTransaction(forOrganization(ctx, organizationId), async (tx) => {
    const { status: organizationStatus } = await holdOrganization(tx)
    if (organizationStatus !== 'active') throw errors.organizationNotActive()
    const taken = await queries.takeInvitation(tx.db, organizationId, id, {
      userId: person.userId,
      tokenHash,
      at: tx.now(),
    })
    if (!taken) {
      const present = await queries.findInvitation(tx.db, organizationId, id)
      const status = present && statusOf(present, tx.now())
      // Open still, but not by this link: it was sent again meanwhile.
      throw status && status !== 'pending' ? errors.notOpen(status) : notFound('invitation')
    }
    const { role } = taken
    // Refuses somebody who belongs to an organization already, which gives the invitation back.
    await addMember(tx, { ...person, role })
    await recordAudit(tx, {
      action: 'invitations.accept',
      subject: id,
      before: { state: 'pending' },
      after: { state: 'accepted', userId: person.userId, role },
    })
    return { organizationId, role }
  })
}

async function getVerified(ctx: Context): Promise<Verified> {
  const person = await findPerson(ctx)
  if (!person) throw errors.addressNotVerified()
  return person
}

function findPerson(ctx: Context): Promise<Verified | null> {
  if (ctx.actor.kind !== 'user') throw unauthenticated()
  return findVerifiedUser(ctx, ctx.actor.userId)
}
