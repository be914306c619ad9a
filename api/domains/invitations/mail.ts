import type { OrganizationRole } from '#api/contract/permissions.ts'
import type { Context } from '#api/core/context.ts'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import { composeLetter } from '#api/core/mail-letter.ts'
import { hashToken, INVITATION_HOURS, linkTo, tokenOf } from './links.ts'
import * as queries from './queries.ts'

const RETRY_HOURS = 24 // THREATS F22
const FIRST_RETRY_SECONDS = 30
const MAX_RETRY_SECONDS = 1_800 // a mail server that is back is noticed within half an hour

/**
 * Hands the n-th mail of an invitation to the mail server, once; says in how many seconds to try again where the
 * server could not take it. Nothing is sent that leads nowhere: to a revoked invitation, or by an older link.
 */
export async function mailInvitation(
  ctx: Context,
  issued: { organizationId: string; invitationId: string; sends: number },
): Promise<{ retryInSeconds: number | null }> {
  const { organizationId, invitationId, sends } = issued
  const own = forOrganization(ctx, organizationId)
  const token = tokenOf(ctx, invitationId, sends)
  const mail = await inTransaction(own, (tx) =>
    queries.claimMail(tx.db, organizationId, invitationId, {
      sends,
      tokenHash: hashToken(token),
      now: tx.now(),
    }),
  )
  if (!mail) return { retryInSeconds: null }
  const note = (outcome: Parameters<typeof queries.setMailed>[4]) =>
    inTransaction(own, (tx) =>
      queries.setMailed(tx.db, organizationId, invitationId, sends, outcome),
    )
  try {
    const content = invitationLetter({ ...mail, url: linkTo(ctx, token) })
    await ctx.vendors.mail.send({
      id: `invitation-${invitationId}-${sends}`,
      to: mail.email,
      ...content,
    })
  } catch (error) {
    if (!(error instanceof VendorError)) throw error
    const retryInSeconds = error.retryable ? secondsToRetry(mail.expiresAt, ctx.now()) : null
    own.log.warn({ err: error, invitationId, retryInSeconds }, 'an invitation could not be mailed')
    if (!error.retryable) await note({ undeliverableAt: ctx.now() })
    return { retryInSeconds }
  }
  await note({ sentAt: ctx.now() })
  return { retryInSeconds: null }
}

/** Half as long again as it has been waiting, so the tries thin out; null once a day has gone by. */
export function secondsToRetry(expiresAt: Date, now: Date): number | null {
  const issuedAtMs = expiresAt.getTime() - INVITATION_HOURS * 3_600_000
  const ageSeconds = Math.max((now.getTime() - issuedAtMs) / 1000, 0)
  if (ageSeconds >= RETRY_HOURS * 3_600) return null
  return Math.round(Math.min(Math.max(ageSeconds / 2, FIRST_RETRY_SECONDS), MAX_RETRY_SECONDS))
}

const roleNames: Record<OrganizationRole, string> = {
  admin: 'an admin',
  org_manager: 'a manager',
  sales_person: 'a sales person',
}

export function invitationLetter(invitation: {
  invitedBy: string | null
  organizationName: string
  role: OrganizationRole
  timeZone: string
  expiresAt: Date
  url: string
}): { subject: string; text: string; html: string } {
  const { organizationName, role, timeZone, expiresAt, url } = invitation
  const { invitedBy } = invitation
  const where = `${organizationName} on VoxCalls`
  const until = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone,
  }).format(expiresAt)
  return composeLetter({
    subject: invitedBy ? `${invitedBy} invites you to ${where}` : `You are invited to ${where}`,
    paragraphs: [
      invitedBy
        ? `${invitedBy} invites you to join ${where} as ${roleNames[role]}.`
        : `You are invited to join ${where} as ${roleNames[role]}.`,
    ],
    button: { label: 'Accept the invitation', url },
    notes: [
      `The link works once, for this address only, until ${until} (${timeZone}).`,
      'If you did not expect this mail, you can ignore it: nothing happens without you.',
    ],
  })
}
