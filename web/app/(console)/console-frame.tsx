'use client'
import { useAuth, useClerk } from '@clerk/nextjs'
import { QueryClientProvider } from '@tanstack/react-query'
import { usePathname, useRouter } from 'next/navigation'
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react'
import { useLocale, useTranslations } from 'use-intl'
import { getMe } from '#contracts/access'
import { Archived } from '../../components/archived.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { ConsoleKeys } from '../../components/shell/console-keys.tsx'
import {
  ConnectionNotice,
  OrganizationNotice,
  SandboxNotice,
} from '../../components/shell/notices.tsx'
import { Shell } from '../../components/shell/shell.tsx'
import { ShellSkeleton } from '../../components/shell/shell-skeleton.tsx'
import { ThemeSwitch } from '../../components/shell/theme-switch.tsx'
import { UserMenu } from '../../components/shell/user-menu.tsx'
import { Toasts } from '../../components/toast.tsx'
import { LivePill } from '../../features/calls/live-pill.tsx'
import { AdminNames } from '../../features/members/admin-names.tsx'
import { BalancePill } from '../../features/wallet/balance-pill.tsx'
import { WalletNotice } from '../../features/wallet/wallet-notice.tsx'
import { createApiClient } from '../../lib/api/client.ts'
import { createQueryClient } from '../../lib/api/query-client.ts'
import { createReachability, noteAnswer, type Reachability } from '../../lib/api/reachability.ts'
import { ApiProvider, useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { GrantersProvider } from '../../lib/granters.tsx'
import { ZoneProvider } from '../../lib/intl/use-format.tsx'
import { cookieLine, LOCALE_COOKIE } from '../../lib/preferences.ts'
import { sectionsFor } from '../../lib/sections.ts'
import { type Me, MeProvider } from '../../lib/session.tsx'
import { isFreshToken } from '../../lib/session-token.ts'
import type { Store } from '../../lib/store.ts'
import { browserZone } from '../../lib/time-zones.ts'
import { useForgetOrganization } from './use-forget-organization.ts'
import { useFreshMe } from './use-fresh-me.ts'
import { useReconnect } from './use-reconnect.ts'

const Onboarding = lazy(() =>
  import('./onboarding.tsx').then((file) => ({ default: file.Onboarding })),
)

const LeaveOrganization = lazy(() =>
  import('../../features/members/leave-organization.tsx').then((file) => ({
    default: file.LeaveOrganization,
  })),
)

const ME_REFRESH_MS = 30_000 // Whoever only watches learns of a pause, too.

/** Wires the console: a client that carries Clerk's token, the cache, who is signed in, and the shell around the screen. */
export function ConsoleFrame(props: {
  apiUrl: string
  /** The token this page was asked for with: the first calls need not wait for Clerk's script. */
  firstToken: string | null
  children: ReactNode
}) {
  const { apiUrl, firstToken } = props
  const { getToken, isSignedIn } = useAuth()
  const clerk = useClerk()
  const [queryClient] = useState(createQueryClient)
  const [reachability] = useState(createReachability)
  const client = useMemo(
    () =>
      createApiClient({
        baseUrl: apiUrl,
        getToken: async () =>
          !clerk.loaded && isFreshToken(firstToken, Date.now()) ? firstToken : getToken(),
        onReachable: (isReachable) => noteAnswer(reachability, isReachable, new Date()),
      }),
    [apiUrl, firstToken, clerk, getToken, reachability],
  )
  // Right after a sign-in the page is here before Clerk's session is; without one there is no token to ask with.
  if (!isSignedIn) return <ShellSkeleton />
  return (
    <QueryClientProvider client={queryClient}>
      <ApiProvider client={client}>
        <SignedIn reachability={reachability}>{props.children}</SignedIn>
      </ApiProvider>
    </QueryClientProvider>
  )
}

function SignedIn(props: { reachability: Store<Reachability>; children: ReactNode }) {
  const t = useTranslations('shell')
  const me = useEndpoint(getMe, {}, { refetchInterval: ME_REFRESH_MS })
  useFreshMe()
  useReconnect(props.reachability)
  if (me.data) {
    return (
      <MeProvider me={me.data}>
        <ZoneProvider timeZone={me.data.membership?.timeZone ?? browserZone()}>
          <Frame me={me.data} reachability={props.reachability}>
            {props.children}
          </Frame>
        </ZoneProvider>
      </MeProvider>
    )
  }
  if (me.isPending) return <ShellSkeleton />
  return (
    <main className="mx-auto max-w-lg px-4 py-24">
      <ErrorBox
        title={t('failed')}
        error={me.error}
        onRetry={() => void me.refetch()}
        isRetrying={me.isFetching}
      />
    </main>
  )
}

function Frame(props: { me: Me; reachability: Store<Reachability>; children: ReactNode }) {
  const t = useTranslations('shell')
  const { me } = props
  const { membership, platformRole, sandbox } = me
  useForgetOrganization(membership?.organizationId ?? null)
  const clerk = useClerk()
  const router = useRouter()
  const pathname = usePathname()
  const [isHelpOpen, setHelpOpen] = useState(false)
  const [isLeaving, setLeaving] = useState(false)
  const signOut = () => void clerk.signOut({ redirectUrl: '/sign-in' })
  const status = membership?.organizationStatus
  // An archive answers nothing; asking it would only gather refusals.
  const isOpen = membership !== null && status !== 'archived'
  return (
    <Shell
      sections={isOpen || platformRole ? sectionsFor(me) : []}
      pathname={pathname}
      organizationName={membership?.organizationName ?? (platformRole ? t('platform') : null)}
      notices={
        <>
          {sandbox && <SandboxNotice pages={sandbox} />}
          {(status === 'paused' || status === 'archived') && <OrganizationNotice status={status} />}
          {isOpen && <WalletNotice />}
          <ConnectionNotice reachability={props.reachability} />
        </>
      }
      pills={
        isOpen && (
          <>
            <LivePill />
            <BalancePill />
          </>
        )
      }
      userMenu={
        <>
          <ThemeSwitch />
          <UserMenu
            name={me.name}
            email={me.email}
            roleName={roleOf(me, t)}
            locale={useLocale()}
            onLocale={(locale) => {
              // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox before 140.
              document.cookie = cookieLine(LOCALE_COOKIE, locale)
              router.refresh()
            }}
            onShortcuts={() => setHelpOpen(true)}
            onAccount={() => clerk.openUserProfile()}
            onLeave={status === 'active' ? () => setLeaving(true) : undefined}
            onSignOut={signOut}
          />
        </>
      }
    >
      <GrantersProvider people={isOpen && <AdminNames />}>
        <Content me={me} onSignOut={signOut}>
          {props.children}
        </Content>
      </GrantersProvider>
      {isLeaving && (
        <Suspense fallback={null}>
          <LeaveOrganization onClose={() => setLeaving(false)} />
        </Suspense>
      )}
      <Toasts />
      <ConsoleKeys isHelpOpen={isHelpOpen} onHelp={setHelpOpen} />
    </Shell>
  )
}

/** The screen, where there is one for this person: who belongs nowhere starts somewhere, an archive stays shut. */
function Content(props: { me: Me; onSignOut(): void; children: ReactNode }) {
  const { membership, platformRole } = props.me
  if (platformRole) return props.children
  if (!membership) {
    return (
      <Suspense fallback={null}>
        <Onboarding onSignOut={props.onSignOut} />
      </Suspense>
    )
  }
  if (membership.organizationStatus === 'archived') {
    return <Archived organizationName={membership.organizationName} onSignOut={props.onSignOut} />
  }
  return props.children
}

function roleOf(me: Me, t: ReturnType<typeof useTranslations<'shell'>>): string | null {
  const role = me.membership?.role ?? me.platformRole
  return role ? t(`roles.${role}`) : null
}
