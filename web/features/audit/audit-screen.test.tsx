import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { exportAuditEntries, listAuditEntries, verifyAudit } from '#contracts/audit'
import { listMembers } from '#contracts/members'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { aMember, anId, aPage } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { anAuditEntry, aPerson } from '../../testing/team-factories.ts'
import { AuditScreen } from './audit-screen.tsx'

function answer(entries = [anAuditEntry(), anAuditEntry({ id: anId(51), action: 'calls.end' })]) {
  onCall(listAuditEntries, aPage(entries))
  onCall(listMembers, aPage([aPerson()]))
}

describe('the log', () => {
  test('says in words who did what; an action without words is shown as recorded', async () => {
    answer([
      anAuditEntry(),
      anAuditEntry({ id: anId(52), action: 'something.new', actorKind: 'job', actorName: null }),
    ])
    renderScreen(<AuditScreen />)
    const [first, second] = within(await screen.findByRole('table'))
      .getAllByRole('row')
      .slice(1)
    expect(first?.textContent).toContain('Role changed')
    expect(first?.textContent).toContain('Ana Morales')
    expect(second?.textContent).toContain('something.new')
    expect(second?.textContent).toContain('The system')
  })

  test('opens an entry with its difference, its hashes and the way to its subject', async () => {
    answer()
    const { user, search } = renderScreen(<AuditScreen />)
    await user.click(await screen.findByRole('button', { name: 'Role changed' }))
    const panel = await screen.findByRole('complementary', { name: 'Entry' })
    expect(panel.querySelector('del')?.textContent).toBe('sales_person')
    expect(panel.querySelector('ins')?.textContent).toBe('org_manager')
    expect(panel.textContent).toContain('cd'.repeat(32))
    expect(within(panel).getByRole('link', { name: 'Open' }).getAttribute('href')).toBe('/team')
    expect(search()).toContain(`entry=${anId(50)}`)
    await user.click(within(panel).getByRole('button', { name: 'Close the entry' }))
    expect(screen.queryByRole('complementary')).toBeNull()
    expect(document.activeElement?.textContent).toBe('Role changed')
  })

  test('narrows from an entry: everything about its subject', async () => {
    answer()
    const { user, search } = renderScreen(<AuditScreen />, { search: `?entry=${anId(50)}` })
    await user.click(await screen.findByRole('button', { name: 'All about this' }))
    await waitFor(() =>
      expect(requestsTo(listAuditEntries).at(-1)?.query).toMatchObject({ subject: anId(11) }),
    )
    expect(search()).toContain(`subject=${anId(11)}`)
    await user.click(screen.getByRole('button', { name: /Remove filter: About/ }))
    await waitFor(() => expect(search()).not.toContain('subject='))
  })

  test('takes its filters from the address; nonsense counts as absent', async () => {
    answer()
    renderScreen(<AuditScreen />, {
      search: `?action=members&actor=${anId(900)}&range=custom&from=2026-11-01&to=2026-11-02`,
    })
    await screen.findByRole('table')
    expect(requestsTo(listAuditEntries)[0]?.query).toEqual({
      action: 'members',
      actorId: anId(900),
      from: '2026-11-01T04:00:00.000Z',
      to: '2026-11-03T05:00:00.000Z',
    })
    expect(await screen.findByText('By Ana Morales')).toBeTruthy()
  })

  test('an action the API would refuse is not sent', async () => {
    answer()
    renderScreen(<AuditScreen />, { search: '?action=DROP%20TABLE' })
    await screen.findByRole('table')
    expect(requestsTo(listAuditEntries)[0]?.query).toEqual({})
  })
})

describe('proof and export', () => {
  test('an intact chain and a broken one are told apart in words', async () => {
    answer()
    onCall(verifyAudit, { checked: 8, intact: true, problem: null })
    const { user } = renderScreen(<AuditScreen />)
    await user.click(await screen.findByRole('button', { name: 'Verify' }))
    expect(await screen.findByText('The chain is intact')).toBeTruthy()
    onCall(verifyAudit, {
      checked: 3,
      intact: false,
      problem: { sequence: 4, problem: 'its hash does not fit' },
    })
    await user.click(screen.getByRole('button', { name: 'Verify' }))
    expect(await screen.findByText('The chain is broken')).toBeTruthy()
    expect(screen.getByText('Entry 4: its hash does not fit')).toBeTruthy()
  })

  test('the export asks for the filters in force and is kept as a file', async () => {
    answer()
    onCall(exportAuditEntries, () => new Response('a,b\n'))
    const kept: Blob[] = []
    URL.createObjectURL = (file) => {
      kept.push(file as Blob)
      return 'blob:kept'
    }
    URL.revokeObjectURL = () => undefined
    const { user } = renderScreen(<AuditScreen />, { search: '?action=members' })
    await user.click(await screen.findByRole('button', { name: 'Export CSV' }))
    await waitFor(() => expect(kept).toHaveLength(1))
    expect(requestsTo(exportAuditEntries)[0]?.query).toEqual({ action: 'members' })
  })

  test('a refused export says why', async () => {
    answer()
    onCall(exportAuditEntries, () => aProblem(429, 'request.too_many'))
    const { user } = renderScreen(<AuditScreen />)
    await user.click(await screen.findByRole('button', { name: 'Export CSV' }))
    expect((await screen.findByRole('alert')).textContent).toContain('Too many requests')
  })
})

describe('states', () => {
  test('loading, failing, nothing yet and none that match', async () => {
    answer()
    onCall(listAuditEntries, never)
    const waiting = renderScreen(<AuditScreen />)
    expect(await screen.findByRole('status', { name: 'Loading the audit log' })).toBeTruthy()
    waiting.unmount()
    onCall(listAuditEntries, () => aProblem(500, 'internal'))
    const failing = renderScreen(<AuditScreen />)
    expect((await screen.findByRole('alert')).textContent).toContain('could not be loaded')
    failing.unmount()
    onCall(listAuditEntries, aPage([]))
    const empty = renderScreen(<AuditScreen />)
    expect(await screen.findByText('Nothing has been recorded yet')).toBeTruthy()
    empty.unmount()
    renderScreen(<AuditScreen />, { search: '?subject=x' })
    expect(await screen.findByText('No entries match these filters')).toBeTruthy()
  })

  test.each(['org_manager', 'sales_person'] as const)('%s is refused unasked', (role) => {
    renderScreen(<AuditScreen />, { me: aMember(role) })
    expect(screen.getByText('It needs the role Admin.')).toBeTruthy()
    expect(requestsTo(listAuditEntries)).toHaveLength(0)
  })
})
