/** How often somebody may ask (THREATS X-rate): `count` in any stretch of `windowSeconds`. */
export type Limit = { name: LimitName; count: number; windowSeconds: number }

const HOUR = 3_600

/** What counts until `RATE_LIMITS` says otherwise. */
const usual = {
  /** Requests without a session, by address. */
  anonymous: { count: 60, windowSeconds: 60 },
  user: { count: 600, windowSeconds: 60 },
  /** All people and programs of one organization together. */
  organization: { count: 3_000, windowSeconds: 60 },
  /** Audio behind a signed link: a player asks for many ranges, and an office has one address. */
  'signed-links': { count: 600, windowSeconds: 60 },
  invites: { count: 20, windowSeconds: HOUR },
  'invite-accept': { count: 10, windowSeconds: 60 },
  exports: { count: 10, windowSeconds: HOUR },
  'call-start': { count: 1, windowSeconds: 1 },
} satisfies Record<string, { count: number; windowSeconds: number }>

export type LimitName = keyof typeof usual
export type Limits = Readonly<Record<LimitName, Limit>>

const limitNames = Object.keys(usual) as LimitName[]
const isName = (name: string): name is LimitName => limitNames.some((known) => known === name)

/** `user=1200,anonymous=30`: other counts than the usual; null where the text is not of this form. */
export function limitsFrom(text: string): Limits | null {
  const counts = new Map<LimitName, number>()
  for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
    const [, name = '', count] = /^\s*([\w-]+)=([1-9]\d{0,8})\s*$/.exec(part) ?? []
    if (!isName(name)) return null
    counts.set(name, Number(count))
  }
  const entries = limitNames.map((name) => {
    const { count, windowSeconds } = usual[name]
    return [name, { name, count: counts.get(name) ?? count, windowSeconds }]
  })
  // The entries were made from the very keys the type is made from.
  return Object.fromEntries(entries) as Limits
}
