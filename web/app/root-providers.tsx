'use client'
import { ThemeProvider } from 'next-themes'
import { NuqsAdapter } from 'nuqs/adapters/next/app'
import type { ReactNode } from 'react'
import { IntlProvider } from 'use-intl'
import type { Locale } from '../lib/intl/locales.ts'
import type { Messages } from '../lib/intl/messages.ts'
import type { Preferences } from '../lib/preferences.ts'
import { PreferencesProvider } from '../lib/use-preferences.tsx'

/** What every page needs: theme, language, preferences, the address as state. */
export function RootProviders(props: {
  locale: Locale
  messages: Messages
  preferences: Preferences
  nonce: string
  children: ReactNode
}) {
  return (
    <ThemeProvider attribute="class" disableTransitionOnChange nonce={props.nonce}>
      <IntlProvider locale={props.locale} messages={props.messages} timeZone="UTC">
        <PreferencesProvider initial={props.preferences}>
          <NuqsAdapter>{props.children}</NuqsAdapter>
        </PreferencesProvider>
      </IntlProvider>
    </ThemeProvider>
  )
}
