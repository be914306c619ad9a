import { DomainError } from '#api/core/errors.ts'

const RETRY_AFTER_SECONDS = 1 // what runs under a client's key is one short transaction

export const keyReused = () =>
  new DomainError(
    'request.idempotency_key_reused',
    422,
    'This Idempotency-Key was used for another request. Choose a new one.',
  )
export const stillRunning = () =>
  new DomainError('request.still_running', 409, 'The first request with this key still runs.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  })
