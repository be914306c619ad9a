import { DomainError, VendorError } from '#api/core/errors.ts'

const MAX_WORDS = 500 // characters, as the column takes

/** What to tell people of a failed push; null for one that is nobody's but ours. */
export function failureOf(error: unknown): { syncErrorCode: string; syncError: string } | null {
  if (error instanceof DomainError)
    return { syncErrorCode: error.code, syncError: error.message.slice(0, MAX_WORDS) }
  if (!(error instanceof VendorError)) return null
  return {
    syncErrorCode: codeOf(error) ?? (error.status ? `http_${error.status}` : 'no_answer'),
    syncError: (error.words ?? wordsFor(error)).slice(0, MAX_WORDS),
  }
}

/** A refusal of what we sent stays one; everything else may pass. */
export const isWorthRetrying = (error: unknown): boolean =>
  error instanceof VendorError ? error.retryable : !(error instanceof DomainError)

const wordsFor = (error: VendorError): string =>
  error.status ? `ElevenLabs answered ${error.status}.` : 'ElevenLabs did not answer.'

/** The vendor's own word, where its client kept one. */
function codeOf({ cause }: VendorError): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string'
    ? cause.code.slice(0, 100)
    : undefined
}
