'use client'
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'
import {
  cookieLine,
  defaultPreferences,
  PREFERENCES_COOKIE,
  type Preferences,
  writePreferences,
} from './preferences.ts'

type Held = { preferences: Preferences; change(part: Partial<Preferences>): void }

const PreferencesContext = createContext<Held>({
  preferences: defaultPreferences,
  change: () => undefined,
})

export function PreferencesProvider(props: { initial: Preferences; children: ReactNode }) {
  const [preferences, setPreferences] = useState(props.initial)
  const held = useMemo<Held>(
    () => ({
      preferences,
      change(part) {
        const next = { ...preferences, ...part }
        setPreferences(next)
        // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox before 140.
        document.cookie = cookieLine(PREFERENCES_COOKIE, writePreferences(next))
      },
    }),
    [preferences],
  )
  return <PreferencesContext value={held}>{props.children}</PreferencesContext>
}

export const usePreferences = (): Held => useContext(PreferencesContext)
