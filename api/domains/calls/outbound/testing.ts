import { factsOfNumber } from '#api/core/number-plan.ts'
import { isOpen, widestHours } from './hours.ts'

/** Countries on three sides of the globe: somewhere it is always an hour for calls. */
export const awakeCountries = ['DE', 'JP', 'US']

let calls = 0

/** A number, another one each time, where it is day now; never one for real people. */
export function anAwakeNumber(at = new Date()): string {
  const last = String(1_000 + (calls++ % 9_000))
  const numbers = [`+4930231${last}`, `+81355501${last}`, `+1415555${last}`, `+1212555${last}`]
  const awake = numbers.find((number) =>
    isOpen(factsOfNumber(number)?.zones ?? [], widestHours, at),
  )
  if (!awake) throw new Error('it is night everywhere')
  return awake
}
