/** The zone this machine is set to. */
export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** Every zone the browser knows, with how far it is from UTC at a moment: `Europe/Berlin`, `GMT+1`. */
export function timeZoneChoices(at: Date): { value: string; label: string; hint: string }[] {
  const known = Intl.supportedValuesOf('timeZone')
  const zones = known.includes('UTC') ? known : [...known, 'UTC']
  return zones.map((value) => ({
    value,
    label: value.replaceAll('_', ' '),
    hint: offsetName(value, at),
  }))
}

function offsetName(timeZone: string, at: Date): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' })
  return parts.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
}
