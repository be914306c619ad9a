import { createHash } from 'node:crypto'
import type { Context } from '#api/core/context.ts'
import { forOrganization, read, tenantOf } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import { composeLetter, type Letter } from '#api/core/mail-letter.ts'
import { listAdmins } from '#api/domains/members/service.ts'
import { paymentTroubles } from './events.ts'
import * as queries from './queries.ts'

export const alertKinds = ['used_80', 'used_95', ...paymentTroubles] as const
export type AlertKind = (typeof alertKinds)[number]

const RETRY_MS = 24 * 3_600_000 // THREATS F22
const FIRST_RETRY_SECONDS = 30
const MAX_RETRY_SECONDS = 1_800 // a mail server that is back is noticed within half an hour

type Alert = {
  organizationId: string
  userId?: string | undefined
  addressDigest?: string | undefined
  alertId: string
  kind: AlertKind
  since: number
}

/** Mails one admin or one address; says in how many seconds to try again where the server could not take it. */
export async function mailAlert(
  ctx: Context,
  alert: Alert,
): Promise<{ retryInSeconds: number | null }> {
  const own = forOrganization(ctx, alert.organizationId)
  const recipient = await recipientOf(own, alert)
  if (!recipient) return { retryInSeconds: null }
  try {
    await ctx.vendors.mail.send({
      // The same for every try, so that a mail client shows one mail.
      id: `wallet-${alert.alertId}-${alert.userId ?? alert.addressDigest}`,
      to: recipient.email,
      ...alertLetter(alert.kind, `${ctx.publicWebUrl}/wallet`, recipient.because),
    })
    return { retryInSeconds: null }
  } catch (error) {
    if (!(error instanceof VendorError)) throw error
    const ageMs = ctx.now().getTime() - alert.since
    const retryInSeconds = error.retryable && ageMs < RETRY_MS ? pauseAfter(ageMs) : null
    own.log.warn({ err: error, kind: alert.kind, retryInSeconds }, 'an alert could not be mailed')
    return { retryInSeconds }
  }
}

/** The addresses of the organization's settings that are no admin's, who get their mail anyway. */
export async function otherAddresses(
  ctx: Context,
): Promise<{ email: string; addressDigest: string }[]> {
  const admins = new Set((await listAdmins(ctx)).map(({ email }) => email.toLowerCase()))
  const emails = await read(ctx, (db) => queries.findNotificationEmails(db, tenantOf(ctx)))
  return emails
    .filter((email) => !admins.has(email.toLowerCase()))
    .map((email) => ({ email, addressDigest: digestOf(email) }))
}

/** Who it is now: somebody who is no admin any more, or an address that was taken out, gets no mail. */
async function recipientOf(
  ctx: Context,
  { userId, addressDigest }: Alert,
): Promise<{ email: string; because: Because } | null> {
  if (userId !== undefined) {
    const admin = (await listAdmins(ctx)).find((one) => one.userId === userId)
    return admin ? { email: admin.email, because: 'admin' } : null
  }
  const other = (await otherAddresses(ctx)).find((one) => one.addressDigest === addressDigest)
  return other ? { email: other.email, because: 'settings' } : null
}

const digestOf = (email: string): string =>
  createHash('sha256').update(email.toLowerCase()).digest('hex').slice(0, 32)

// Half as long again as it has been waiting, so the tries thin out.
const pauseAfter = (ageMs: number): number =>
  Math.round(Math.min(Math.max(ageMs / 2_000, FIRST_RETRY_SECONDS), MAX_RETRY_SECONDS))

const letters: Record<AlertKind, Pick<Letter, 'subject' | 'paragraphs'> & { button: string }> = {
  used_80: {
    subject: 'Your VoxCalls balance is running low',
    paragraphs: [
      '80 percent of the balance after your last top-up are used.',
      'When the balance is used up, running calls end and no new call starts.',
    ],
    button: 'Top up the wallet',
  },
  used_95: {
    subject: 'Your VoxCalls balance is almost used up',
    paragraphs: [
      '95 percent of the balance after your last top-up are used.',
      'When the balance is used up, running calls end and no new call starts.',
    ],
    button: 'Top up the wallet',
  },
  declined: {
    subject: 'Your card was refused',
    paragraphs: [
      'The saved card was to be charged because the balance ran low, and the bank refused it.',
      'It is tried again later, three times in all. Top up with another card to be sure.',
    ],
    button: 'Top up the wallet',
  },
  authentication_required: {
    subject: 'Your bank wants you to confirm a payment',
    paragraphs: [
      'The saved card was to be charged because the balance ran low. Its bank asks for your confirmation first.',
      'Automatic top-ups are paused. Top up once by hand and confirm the payment, and they go on.',
    ],
    button: 'Top up and confirm',
  },
  monthly_cap: {
    subject: 'Automatic top-ups have reached their monthly limit',
    paragraphs: [
      'The balance ran low, and another automatic top-up would exceed the limit you set for a month.',
      'They go on next month. Raise the limit or top up by hand to keep calling until then.',
    ],
    button: 'Open the wallet',
  },
  dispute: {
    subject: 'A payment to your wallet is disputed',
    paragraphs: [
      'The holder of a card disputes a payment to your wallet. Its amount was taken out of the balance until the bank decides.',
      'Automatic top-ups are paused.',
    ],
    button: 'Open the wallet',
  },
}

const reasons = {
  admin: 'You get this mail because you are an admin of your organization.',
  settings: 'You get this mail because your address stands in the settings of an organization.',
}
type Because = keyof typeof reasons

export function alertLetter(kind: AlertKind, url: string, because: Because = 'admin') {
  const { subject, paragraphs, button } = letters[kind]
  return composeLetter({
    subject,
    paragraphs,
    button: { label: button, url },
    notes: [reasons[because]],
  })
}
