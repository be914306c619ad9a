'use client'
import { useAuth, useClerk } from '@clerk/nextjs'
import { QueryClientProvider } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Logo } from '../../components/shell/logo.tsx'
import { InviteScreen } from '../../features/invitations/invite-screen.tsx'
import { createApiClient } from '../../lib/api/client.ts'
import { createQueryClient } from '../../lib/api/query-client.ts'
import { ApiProvider } from '../../lib/api/use-endpoint.tsx'
import { ZoneProvider } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { browserZone } from '../../lib/time-zones.ts'

/** The page of a mailed invitation: open to everybody, with the token of whoever is signed in. */
export function InviteFrame({ apiUrl }: { apiUrl: string }) {
  const t = useTranslations('shell')
  const { getToken, isSignedIn } = useAuth()
  const clerk = useClerk()
  const [queryClient] = useState(createQueryClient)
  const client = useMemo(() => createApiClient({ baseUrl: apiUrl, getToken }), [apiUrl, getToken])
  return (
    <QueryClientProvider client={queryClient}>
      <ApiProvider client={client}>
        <ZoneProvider timeZone={browserZone()}>
          <main className="mx-auto flex min-h-dvh w-full max-w-lg flex-col px-4 py-10 md:py-20">
            <p className="mb-6 flex items-center gap-2 font-semibold">
              <Logo className="size-5 text-brand" />
              {t('product')}
            </p>
            <div className="rounded-card border border-line bg-panel p-6">
              <InviteScreen
                isSignedIn={isSignedIn}
                onSwitch={() => void clerk.signOut({ redirectUrl: paths.invite() })}
              />
            </div>
          </main>
        </ZoneProvider>
      </ApiProvider>
    </QueryClientProvider>
  )
}
