import pg from 'pg'
import { DomainError, unavailable } from '#api/core/errors.ts'

const RETRY_AFTER_SECONDS = 2 // a restarted Postgres answers again within a second or two (THREATS F7)

// Text or a number that cannot be stored as what it claims to be: the caller's input reached the database.
const badInput = new Set([
  '22021',
  '22P05',
  '22P02',
  '22003',
  '22007',
  '22008',
  '22001',
  '2201B',
  '2201W',
  '2201X',
])
const walletChecks = new Set(['wallets_balance_not_negative', 'wallets_held_within_balance'])

/** A connection that broke, timed out or could not be had: nothing the database said. */
export class ConnectionFailure extends Error {
  constructor(cause: unknown) {
    super('the database connection failed', { cause })
    this.name = 'ConnectionFailure'
  }
}

/** What Postgres itself said, however deep the driver and the ORM wrapped it. */
export const databaseErrorOf = (error: unknown): pg.DatabaseError | undefined =>
  causeOf(error, (e) => e instanceof pg.DatabaseError)

/** Two transactions stood in each other's way; running this one again can succeed. */
export function isCollision(error: unknown): boolean {
  const code = databaseErrorOf(error)?.code
  return code === '40001' || code === '40P01'
}

/** The answer a caller gets for a failure of the database (THREATS section 8). */
export function refusalFor(error: unknown): unknown {
  if (error instanceof DomainError) return error
  const said = databaseErrorOf(error)
  if (said?.code) {
    const refusal = refusalForCode(said.code, said)
    return refusal ? because(error, refusal) : error
  }
  const isLost = causeOf(error, (e) => e instanceof ConnectionFailure)
  return isLost ? because(error, unavailable(RETRY_AFTER_SECONDS)) : error
}

function refusalForCode(code: string, said: pg.DatabaseError): DomainError | undefined {
  if (badInput.has(code))
    return new DomainError('request.invalid', 400, 'A value cannot be stored.')
  if (code === '23505') return conflict('This exists already.')
  if (code === '23503') {
    return said.detail?.includes('still referenced')
      ? conflict('Something else still needs this.')
      : new DomainError('request.not_found', 404, 'Something this refers to does not exist.')
  }
  if (code === '23514') {
    return walletChecks.has(said.constraint ?? '')
      ? new DomainError('wallet.insufficient_balance', 402, 'The wallet does not hold enough.')
      : conflict('The current state does not allow this.')
  }
  if (code === '42501') return new DomainError('request.not_found', 404, 'There is no such thing.')
  if (isTransient(code)) return unavailable(RETRY_AFTER_SECONDS)
  return undefined
}

const conflict = (message: string) => new DomainError('request.conflict', 409, message)

// Collisions come here only after the retries; 57014 is a statement over its time; 55P03 a lock not had in time;
// 25P03 and 25P04 a transaction the server ended because it idled or ran too long.
const isTransient = (code: string) =>
  ['40001', '40P01', '57014', '55P03', '25P03', '25P04', '57P01', '57P02', '57P03'].includes(
    code,
  ) ||
  code.startsWith('53') ||
  code.startsWith('08')

function causeOf<E extends Error>(error: unknown, is: (e: Error) => e is E): E | undefined {
  const MAX_DEPTH = 8 // a chain of causes longer than any wrapper of ours makes
  let current = error
  for (let depth = 0; depth < MAX_DEPTH && current instanceof Error; depth++) {
    if (is(current)) return current
    current = current.cause
  }
  return undefined
}

function because(cause: unknown, refusal: DomainError): DomainError {
  refusal.cause = cause
  return refusal
}
