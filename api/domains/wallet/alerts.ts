import type { Context } from '#api/core/context.ts'
import { forOrganization } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import { composeLetter, type Letter } from '#api/core/mail-letter.ts'
import { listAdmins } from '#api/domains/members/service.ts'
import { paymentTroubles } from './events.ts'

export const alertKinds = ['used_80', 'used_95', ...paymentTroubles] as const
export type AlertKind = (typeof alertKinds)[number]

const RETRY_MS = 24 * 3_600_000 // THREATS F22
const FIRST_RETRY_SECONDS = 30
const MAX_RETRY_SECONDS = 1_800 // a mail server that is back is noticed within half an hour

/** Mails one admin; says in how many seconds to try again where the server could not take it. */
export async function mailAlert(
  ctx: Context,
  alert: {
    organizationId: string
    userId: string
    alertId: string
    kind: AlertKind
    since: number
  },
): Promise<{ retryInSeconds: number | null }> {
  const own = forOrganization(ctx, alert.organizationId)
  const admin = (await listAdmins(own)).find(({ userId }) => userId === alert.userId)
  if (!admin) return { retryInSeconds: null }
  try {
    await ctx.vendors.mail.send({
      // The same for every try, so that a mail client shows one mail.
      id: `wallet-${alert.alertId}-${alert.userId}`,
      to: admin.email,
      ...alertLetter(alert.kind, `${ctx.publicWebUrl}/wallet`),
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

export function alertLetter(kind: AlertKind, url: string) {
  const { subject, paragraphs, button } = letters[kind]
  return composeLetter({
    subject,
    paragraphs,
    button: { label: button, url },
    notes: ['You get this mail because you are an admin of your organization.'],
  })
}
