import { ClerkProvider } from '@clerk/nextjs'
import type { Metadata, Viewport } from 'next'
import { cookies, headers } from 'next/headers'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { clerkAppearance } from '../lib/clerk-appearance.ts'
import { readConfig } from '../lib/config.ts'
import { chooseLocale } from '../lib/intl/locales.ts'
import { loadMessages } from '../lib/intl/messages.ts'
import { LOCALE_COOKIE, PREFERENCES_COOKIE, parsePreferences } from '../lib/preferences.ts'
import './globals.css'
import { RootProviders } from './root-providers.tsx'

export const metadata: Metadata = {
  title: { default: 'VoxCalls', template: '%s · VoxCalls' },
  robots: { index: false, follow: false },
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fcfcfd' },
    { media: '(prefers-color-scheme: dark)', color: '#0d1014' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Everything below depends on the request: its environment, its cookies, its nonce.
  await connection()
  const [cookieJar, requestHeaders] = await Promise.all([cookies(), headers()])
  const { clerk } = readConfig()
  const locale = chooseLocale(
    cookieJar.get(LOCALE_COOKIE)?.value,
    requestHeaders.get('accept-language'),
  )
  return (
    <html lang={locale} suppressHydrationWarning>
      <body>
        <ClerkProvider
          dynamic
          publishableKey={clerk.publishableKey}
          {...(clerk.proxyUrl && { proxyUrl: clerk.proxyUrl })}
          signInUrl="/sign-in"
          signUpUrl="/sign-up"
          signInFallbackRedirectUrl="/"
          signUpFallbackRedirectUrl="/"
          telemetry={false}
          appearance={clerkAppearance}
        >
          <RootProviders
            locale={locale}
            messages={await loadMessages(locale)}
            preferences={parsePreferences(cookieJar.get(PREFERENCES_COOKIE)?.value)}
            nonce={requestHeaders.get('x-nonce') ?? ''}
          >
            {children}
          </RootProviders>
        </ClerkProvider>
      </body>
    </html>
  )
}
