/** What a person set for this browser. Kept in one cookie, so that the server draws the page right the first time. */
export type Preferences = {
  isSidebarCollapsed: boolean
  /** WCAG 2.1.4: shortcuts of a single key can be switched off. */
  hasSingleKeys: boolean
  /** The list of first steps was closed by hand. */
  isChecklistPutAway: boolean
}

export const PREFERENCES_COOKIE = 'voxcalls_preferences'
export const LOCALE_COOKIE = 'voxcalls_locale'
const YEAR_SECONDS = 31_536_000

export const defaultPreferences: Preferences = {
  isSidebarCollapsed: false,
  hasSingleKeys: true,
  isChecklistPutAway: false,
}

/** Flags joined by dots: `collapsed`, `no-single-keys`, `no-checklist`. Unknown ones are left out. */
export function parsePreferences(text: string | undefined): Preferences {
  const flags = new Set((text ?? '').split('.'))
  return {
    isSidebarCollapsed: flags.has('collapsed'),
    hasSingleKeys: !flags.has('no-single-keys'),
    isChecklistPutAway: flags.has('no-checklist'),
  }
}

export function writePreferences(preferences: Preferences): string {
  return [
    preferences.isSidebarCollapsed && 'collapsed',
    !preferences.hasSingleKeys && 'no-single-keys',
    preferences.isChecklistPutAway && 'no-checklist',
  ]
    .filter(Boolean)
    .join('.')
}

export const cookieLine = (name: string, value: string): string =>
  `${name}=${value}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax`
