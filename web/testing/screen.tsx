import './dom.ts'
import { QueryClientProvider } from '@tanstack/react-query'
import { render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { AppRouterContext } from 'next/dist/shared/lib/app-router-context.shared-runtime.js'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import type { ReactNode } from 'react'
import { IntlProvider } from 'use-intl'
import { me as meSchema } from '#contracts/access'
import { createApiClient } from '../lib/api/client.ts'
import { createQueryClient } from '../lib/api/query-client.ts'
import { ApiProvider } from '../lib/api/use-endpoint.tsx'
import { ZoneProvider } from '../lib/intl/use-format.tsx'
import { defaultPreferences, type Preferences } from '../lib/preferences.ts'
import { MeProvider } from '../lib/session.tsx'
import { PreferencesProvider } from '../lib/use-preferences.tsx'
import messages from '../messages/en.json' with { type: 'json' }
import { API_URL } from './api.ts'
import { aMe } from './factories.ts'

type Options = {
  me?: ReturnType<typeof aMe>
  /** The query of the address: `?status=settled`. */
  search?: string
  preferences?: Partial<Preferences>
}

/** Draws a screen as the console does: real client, real cache, real texts; the address and the router are kept in memory. */
export function renderScreen(screen: ReactNode, options: Options = {}) {
  const visited: string[] = []
  let search = options.search ?? ''
  const router = {
    push: (path: string) => visited.push(path),
    replace: (path: string) => visited.push(path),
    prefetch: () => undefined,
    refresh: () => undefined,
    back: () => undefined,
    forward: () => undefined,
  }
  const client = createApiClient({ baseUrl: API_URL, getToken: async () => 'a-token' })
  const queries = createQueryClient()
  const person = meSchema.parse(options.me ?? aMe())
  const view = render(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <PreferencesProvider initial={{ ...defaultPreferences, ...options.preferences }}>
        <NuqsTestingAdapter
          searchParams={search}
          hasMemory
          onUrlUpdate={(update) => {
            search = update.queryString
          }}
        >
          <AppRouterContext value={router as never}>
            <QueryClientProvider client={queries}>
              <ApiProvider client={client}>
                <MeProvider me={person}>
                  <ZoneProvider timeZone={person.membership?.timeZone ?? 'UTC'}>
                    {screen}
                  </ZoneProvider>
                </MeProvider>
              </ApiProvider>
            </QueryClientProvider>
          </AppRouterContext>
        </NuqsTestingAdapter>
      </PreferencesProvider>
    </IntlProvider>,
  )
  return { ...view, user: userEvent.setup(), visited, queries, search: () => search }
}
