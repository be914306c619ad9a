const SECONDS_PER_HOUR = 3600

/** Whole cents, rounded up, from all seconds together: the database computes the same (THREATS L10). */
export const costCents = (pricePerHourCents: number, seconds: number): number =>
  Math.ceil((pricePerHourCents * seconds) / SECONDS_PER_HOUR)

/** How much of the balance at the last credit is used up, 0 to 100. */
export function usedPercent(basisCents: number, balanceCents: number): number {
  if (basisCents <= 0) return balanceCents > 0 ? 0 : 100
  const used = Math.floor(((basisCents - balanceCents) * 100) / basisCents)
  return Math.min(100, Math.max(0, used))
}

/** Practice costs a share of the price; everything else all of it, a test of an agent too. */
export const priceOfKind = (
  price: { pricePerHourCents: number; mockPricePercent: number },
  kind: 'agent' | 'live' | 'mock' | 'meeting' | 'test',
): number =>
  kind === 'mock'
    ? Math.ceil((price.pricePerHourCents * price.mockPricePercent) / 100)
    : price.pricePerHourCents

/** Whole minutes that the money lasts; null where an hour costs nothing. */
export const minutesLeft = (availableCents: number, burnCentsPerHour: number): number | null =>
  burnCentsPerHour > 0 ? Math.floor((availableCents * 60) / burnCentsPerHour) : null

/** Whole seconds that the money pays for; null where they cost nothing. */
export const affordableSeconds = (
  pricePerHourCents: number,
  availableCents: number,
): number | null =>
  pricePerHourCents > 0 ? Math.floor((availableCents * SECONDS_PER_HOUR) / pricePerHourCents) : null
