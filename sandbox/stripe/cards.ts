import { createHash } from 'node:crypto'

/** What becomes of a payment with this card. */
export type Behaviour = {
  /** Refused every time, with this decline code. */
  decline?: string
  /** When the person has to prove who they are: each time, or only until the card was set up for later use. */
  authenticate?: 'always' | 'unless_set_up'
  /** Set by a payment or set-up that prepared the card for use without its owner. */
  isSetUp?: boolean
  /** Used without a customer, or taken away from one: never again. */
  isSpent?: boolean
}

export type TestCard = Behaviour & { number: string; token: string; brand: 'visa' | 'mastercard' }

/** Stripe's own test cards, by number for the hosted page and by token for the API. */
export const testCards: readonly TestCard[] = [
  { number: '4242424242424242', token: 'pm_card_visa', brand: 'visa' },
  { number: '5555555555554444', token: 'pm_card_mastercard', brand: 'mastercard' },
  card('4000000000000002', 'pm_card_visa_chargeDeclined', { decline: 'generic_decline' }),
  card('4000000000009995', 'pm_card_visa_chargeDeclinedInsufficientFunds', {
    decline: 'insufficient_funds',
  }),
  card('4000000000000069', 'pm_card_chargeDeclinedExpiredCard', { decline: 'expired_card' }),
  card('4000002500003155', 'pm_card_authenticationRequiredOnSetup', {
    authenticate: 'unless_set_up',
  }),
  card('4000002760003184', 'pm_card_authenticationRequired', { authenticate: 'always' }),
]

// The same cards under the names of older documentation.
const aliases: Record<string, string> = {
  pm_card_chargeDeclined: 'pm_card_visa_chargeDeclined',
  pm_card_chargeDeclinedInsufficientFunds: 'pm_card_visa_chargeDeclinedInsufficientFunds',
}

export const findCardByToken = (token: string): TestCard | undefined =>
  testCards.find((one) => one.token === (aliases[token] ?? token))

export const findCardByNumber = (number: string): TestCard | undefined =>
  testCards.find((one) => one.number === number.replaceAll(/\D/g, ''))

/** The same for one card wherever it is used. */
export const fingerprintOf = (number: string): string =>
  createHash('sha256').update(number).digest('base64url').replaceAll(/[-_]/g, 'x').slice(0, 16)

export function declineMessage(declineCode: string): { code: string; message: string } {
  switch (declineCode) {
    case 'insufficient_funds':
      return { code: 'card_declined', message: 'Your card has insufficient funds.' }
    case 'expired_card':
      return { code: 'expired_card', message: 'Your card has expired.' }
    case 'authentication_required':
      return {
        code: 'authentication_required',
        message: 'Your card was declined. This transaction requires authentication.',
      }
    default:
      return { code: 'card_declined', message: 'Your card was declined.' }
  }
}

function card(number: string, token: string, behaviour: Behaviour): TestCard {
  return { number, token, brand: 'visa', ...behaviour }
}
