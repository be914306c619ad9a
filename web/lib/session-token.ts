const SPARE_MS = 10_000 // A token that runs out within the length of a slow request is as good as none.

/** Whether a session token (a JWT) is still good for a request. Its signature is the API's to check, not ours. */
export function isFreshToken(token: string | null, nowMs: number): token is string {
  if (!token) return false
  const payload = token.split('.')[1] ?? ''
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    return expiryMs(claims) > nowMs + SPARE_MS
  } catch {
    // Not a token at all; Clerk is then asked for one.
    return false
  }
}

function expiryMs(claims: unknown): number {
  if (typeof claims !== 'object' || claims === null || !('exp' in claims)) return 0
  return typeof claims.exp === 'number' ? claims.exp * 1000 : 0
}
