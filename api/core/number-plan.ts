import {
  northAmericanPlan,
  northAmericanSpecialCodes,
  worldPlan,
  worldwideCodes,
} from './number-plan-data.ts'

/** What the digits of a phone number say about where it rings. */
export type NumberFacts = {
  /** ISO 3166; null for a number of no country. */
  country: string | null
  /** Every time zone its owner may be in. */
  zones: readonly string[]
  /** Costs more than a call, or is no phone of somebody: premium rate, shared cost, personal, satellite. */
  isSpecial: boolean
}

type CountryPlan = {
  country: string
  digits: { fewest: number; most: number }
  zones: string[]
  special: string[]
}

/** A number in E.164 that can be dialled as it stands; undefined where it is none, or of no plan we know. */
export function factsOfNumber(e164: string): NumberFacts | undefined {
  if (!/^\+[1-9]\d{6,14}$/.test(e164)) return undefined
  const digits = e164.slice(1)
  return digits.startsWith('1') ? northAmerican(digits) : ofTheWorld(digits)
}

/** The country a number belongs to; of a North American one with an unknown area code the United States. */
export function countryOfNumber(e164: string): string | null {
  return factsOfNumber(e164)?.country ?? (e164.startsWith('+1') ? 'US' : null)
}

function northAmerican(digits: string): NumberFacts | undefined {
  if (!/^1[2-9]\d\d[2-9]\d{6}$/.test(digits)) return undefined
  const areaCode = digits.slice(1, 4)
  const isPremiumExchange = digits.slice(4, 7) === '976'
  const area = areas.get(areaCode)
  if (area) return { ...area, isSpecial: isPremiumExchange }
  if (!northAmericanSpecialCodes.includes(areaCode)) return undefined
  return { country: null, zones: [], isSpecial: true }
}

function ofTheWorld(digits: string): NumberFacts | undefined {
  if (worldwideCodes.some((code) => digits.startsWith(code)))
    return { country: null, zones: [], isSpecial: true }
  for (let length = LONGEST_CODE; length > 0; length--) {
    const plan = plans.get(digits.slice(0, length))
    if (plan) return withinCountry(plan, digits.slice(length))
  }
  return undefined
}

function withinCountry(plan: CountryPlan, national: string): NumberFacts | undefined {
  const { country, zones, special } = plan
  if (national.length < plan.digits.fewest || national.length > plan.digits.most) return undefined
  return { country, zones, isSpecial: special.some((beginning) => national.startsWith(beginning)) }
}

const linesOf = (table: string): string[][] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.split(' '))

const plans = new Map(
  linesOf(worldPlan).map(([code = '', country = '', digits = '', zones = '', ...special]) => {
    const [fewest, most] = digits.split('-').map(Number)
    const bounds = { fewest: fewest ?? 0, most: most ?? 0 }
    return [code, { country, digits: bounds, zones: zones.split(','), special }]
  }),
)
const LONGEST_CODE = Math.max(...[...plans.keys()].map(({ length }) => length))

const areas = new Map(
  linesOf(northAmericanPlan).flatMap(([country = '', zones = '', ...codes]) =>
    codes.map((code) => [code, { country, zones: zones.split(',') }] as const),
  ),
)

/** Every country that has a plan of its own here. */
export const knownCountries: readonly string[] = [
  ...new Set([...plans.values(), ...areas.values()].map(({ country }) => country)),
].toSorted()

/** What people type or paste, in E.164; undefined where it names no country or is no number. */
export function normalizedNumber(text: string): string | undefined {
  const digits = text
    .trim()
    .replaceAll(/[\s().\-/]/g, '')
    .replace(/^00/, '+')
  return factsOfNumber(digits) && digits
}
