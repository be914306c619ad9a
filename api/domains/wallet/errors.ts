import { DomainError } from '#api/core/errors.ts'

// No amount in the words: a sales person may be refused, but not see the wallet.
export const insufficientBalance = () =>
  new DomainError('wallet.insufficient_balance', 402, 'The wallet cannot fund this.')
export const holdSettled = () =>
  new DomainError('wallet.hold_settled', 409, 'The money of this call is settled already.')
export const requestIdReused = () =>
  new DomainError('wallet.request_id_reused', 409, 'This request id was used for another amount.')
export const nothingToAdjust = () =>
  new DomainError('wallet.nothing_to_adjust', 400, 'An adjustment of nothing changes nothing.')
export const noPrice = () =>
  new DomainError('wallet.no_price', 409, 'No price is in force for this moment.')
export const paymentsOff = () =>
  new DomainError('wallet.payments_off', 409, 'Paying in is not set up on this installation.')
export const tooManyOpenTopUps = () =>
  new DomainError(
    'wallet.too_many_open_top_ups',
    409,
    'Too many top-ups wait to be paid. Pay one of them or let them expire.',
  )
export const noSavedCard = () =>
  new DomainError(
    'wallet.no_saved_card',
    409,
    'No card is saved. Top up once and keep the card, then switch this on.',
  )
