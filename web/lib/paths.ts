export const settingsTabs = [
  'organization',
  'calling-out',
  'api-keys',
  'webhooks',
  'features',
] as const
export type SettingsTab = (typeof settingsTabs)[number]

/** Every address of the console, in one place. */
export const paths = {
  home: () => '/',
  signIn: () => '/sign-in',
  signUp: () => '/sign-up',
  calls: (search: Record<string, string> = {}) => withSearch('/calls', search),
  call: (callId: string, search: { t?: string; tab?: string } = {}) =>
    withSearch(`/calls/${encodeURIComponent(callId)}`, search),
  live: () => '/live',
  invite: () => '/invite',
  team: (search: { tab?: 'invitations' } = {}) => withSearch('/team', search),
  settings: (search: { tab?: SettingsTab } = {}) => withSearch('/settings', search),
  agents: () => '/agents',
  agent: (agentId: string, search: { tab?: string } = {}) =>
    withSearch(`/agents/${encodeURIComponent(agentId)}`, search),
  numbers: (search: { tab?: 'accounts'; account?: string } = {}) => withSearch('/numbers', search),
  number: (phoneNumberId: string) => `/numbers/${encodeURIComponent(phoneNumberId)}`,
  importNumber: (search: { agent?: string } = {}) => withSearch('/numbers/import', search),
  knowledge: (search: { tab?: 'competitors' } = {}) => withSearch('/knowledge', search),
  wallet: () => '/wallet',
  audit: (search: { subject?: string } = {}) => withSearch('/audit', search),
  platform: () => '/platform',
  platformUsage: () => '/platform/usage',
  platformOrganizations: (search: { status?: string } = {}) =>
    withSearch('/platform/organizations', search),
  platformOrganization: (organizationId: string, search: { tab?: string } = {}) =>
    withSearch(`/platform/organizations/${encodeURIComponent(organizationId)}`, search),
  platformConfiguration: (search: { tab?: string } = {}) =>
    withSearch('/platform/configuration', search),
  platformJobs: (search: { queue?: string } = {}) => withSearch('/platform/jobs', search),
  platformStatus: () => '/platform/status',
  platformWebhooks: (search: { tab?: string; vendor?: string; status?: string } = {}) =>
    withSearch('/platform/webhooks', search),
  platformReconciliation: () => '/platform/reconciliation',
  platformAudit: () => '/platform/audit',
  liveCall: (callId: string) => `/live/${encodeURIComponent(callId)}`,
} as const

const openPaths = ['/sign-in', '/sign-up', '/invite', '/livez', '/dev/ui']

/** Pages a signed-out visitor may open. */
export const isOpenPath = (pathname: string): boolean =>
  openPaths.some((open) => pathname === open || pathname.startsWith(`${open}/`))

function withSearch(pathname: string, search: Record<string, string | undefined>): string {
  const given = Object.entries(search).filter((pair): pair is [string, string] => Boolean(pair[1]))
  return given.length === 0 ? pathname : `${pathname}?${new URLSearchParams(given)}`
}
