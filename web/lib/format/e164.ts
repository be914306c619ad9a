/** `+1 (415) 555-0134` as `+14155550134`; null for what is no number with its country code. */
export function toE164(typed: string): string | null {
  const bare = typed.replaceAll(/[\s().\-/]/g, '').replace(/^00/, '+')
  return /^\+[1-9]\d{6,14}$/.test(bare) ? bare : null
}
