const TOKEN = /^[\w-]{43}$/ // A SHA-256 HMAC in base64url.

/** The token of an invitation, from its link or by itself; null where there is none. */
export function tokenIn(text: string): string | null {
  const tail = text.trim().split('#').at(-1) ?? ''
  return TOKEN.test(tail) ? tail : null
}

const KEPT_AS = 'voxcalls.invitation'

/** Kept for this tab only, so that the way over the sign-in leads back to the invitation. */
export const keptToken = {
  read: (): string | null => sessionStorage.getItem(KEPT_AS),
  keep: (token: string): void => sessionStorage.setItem(KEPT_AS, token),
  forget: (): void => sessionStorage.removeItem(KEPT_AS),
}

/** Whether an address can be the one whose middle is hidden in a hint such as `a…a@example.com`. */
export function fitsHint(email: string, hint: string): boolean {
  const [head = '', tail] = hint.toLowerCase().split('…')
  const address = email.toLowerCase()
  if (tail === undefined) return address === head
  return address.startsWith(head) && address.endsWith(tail)
}
