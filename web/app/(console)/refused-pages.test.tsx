import '../../testing/dom.ts'
import { screen } from '@testing-library/react'
import type { ComponentType } from 'react'
import { describe, expect, test } from 'vitest'
import { type Role, roles } from '#api/contract/permissions.ts'
import { me } from '#contracts/access'
import { type SectionKey, sections, sectionsFor } from '../../lib/sections.ts'
import { aMe, aMember } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import Agents from './agents/page.tsx'
import Audit from './audit/page.tsx'
import Calls from './calls/page.tsx'
import Knowledge from './knowledge/page.tsx'
import Live from './live/page.tsx'
import Numbers from './numbers/page.tsx'
import PlatformAudit from './platform/audit/page.tsx'
import Configuration from './platform/configuration/page.tsx'
import Jobs from './platform/jobs/page.tsx'
import Organizations from './platform/organizations/page.tsx'
import Overview from './platform/page.tsx'
import Reconciliation from './platform/reconciliation/page.tsx'
import PlatformStatus from './platform/status/page.tsx'
import PlatformUsage from './platform/usage/page.tsx'
import Webhooks from './platform/webhooks/page.tsx'
import Settings from './settings/page.tsx'
import Team from './team/page.tsx'
import Wallet from './wallet/page.tsx'

const pages: Record<SectionKey, ComponentType> = {
  live: Live,
  calls: Calls,
  agents: Agents,
  numbers: Numbers,
  knowledge: Knowledge,
  wallet: Wallet,
  team: Team,
  settings: Settings,
  audit: Audit,
  overview: Overview,
  organizations: Organizations,
  platformUsage: PlatformUsage,
  configuration: Configuration,
  status: PlatformStatus,
  jobs: Jobs,
  webhooks: Webhooks,
  reconciliation: Reconciliation,
  platformAudit: PlatformAudit,
}

const personAs = (role: Role) =>
  role === 'super_admin' || role === 'manager'
    ? aMe({ membership: null, platformRole: role })
    : aMember(role)

describe.each(roles)('%s', (role) => {
  const person = personAs(role)
  const shown = new Set(sectionsFor(me.parse(person)))
  // Who may not see a wallet's amounts is told on its page whether calls are paid for.
  const hidden = sections.filter(
    (section) => !shown.has(section) && !(section.key === 'wallet' && person.membership),
  )

  test.each(hidden)('a typed address gives no more than the side bar: $href', ({ key }) => {
    const Page = pages[key]
    renderScreen(<Page />, { me: person })
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe(
      'You have no access to this page',
    )
  })
})
