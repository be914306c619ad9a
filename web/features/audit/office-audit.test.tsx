import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { listPlatformAdmins } from '#contracts/access'
import { listPlatformAuditEntries, verifyPlatformAudit } from '#contracts/audit'
import { onCall, requestsTo } from '../../testing/api.ts'
import { aMember, anId, aPage } from '../../testing/factories.ts'
import { platformManager, superAdmin } from '../../testing/office-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { OfficeAuditScreen } from './office-audit-screen.tsx'
import { OrganizationAudit } from './organization-audit.tsx'

const entry = {
  id: anId(600),
  sequence: 7,
  at: '2026-11-20T15:00:00.000Z',
  actorKind: 'user',
  actorId: anId(900),
  actorName: 'Sue Super',
  action: 'organizations.pause',
  subject: anId(1),
  before: { status: 'active' },
  after: { status: 'paused' },
  previousHash: 'ab'.repeat(32),
  hash: 'cd'.repeat(32),
}

test('the proof over all chains names those that are broken and leads to them', async () => {
  onCall(listPlatformAdmins, { items: [] })
  onCall(listPlatformAuditEntries, aPage([entry]))
  onCall(verifyPlatformAudit, {
    checked: 40,
    intact: false,
    problem: null,
    organizations: [{ organizationId: anId(3), sequence: 9, problem: 'an entry is missing' }],
  })
  const { user } = renderScreen(<OfficeAuditScreen />, { me: superAdmin() })
  await user.click(await screen.findByRole('button', { name: 'Verify all chains' }))
  const link = await screen.findByRole('link', { name: anId(3) })
  expect(link.getAttribute('href')).toBe(`/platform/organizations/${anId(3)}?tab=audit`)
  expect(link.parentElement?.textContent).toContain('at entry 9: an entry is missing')
})

test('an organization’s log asks for that organization alone', async () => {
  onCall(listPlatformAdmins, { items: [] })
  onCall(listPlatformAuditEntries, aPage([entry]))
  renderScreen(<OrganizationAudit organizationId={anId(1)} />, { me: superAdmin() })
  await screen.findByRole('table')
  expect(requestsTo(listPlatformAuditEntries)[0]?.query).toEqual({ organizationId: anId(1) })
})

test('neither a platform manager nor an admin reads the platform’s log', () => {
  for (const me of [platformManager(), aMember('admin')]) {
    const view = renderScreen(<OfficeAuditScreen />, { me })
    expect(screen.getByRole('heading', { name: 'You have no access to this page' })).toBeTruthy()
    view.unmount()
  }
  expect(requestsTo(listPlatformAuditEntries)).toHaveLength(0)
})
