import '../../testing/dom.ts'
import { act, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { me } from '#contracts/access'
import { createReachability, noteAnswer } from '../../lib/api/reachability.ts'
import { sectionsFor } from '../../lib/sections.ts'
import { aMe, aMember } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { ConnectionNotice, OrganizationNotice, SandboxNotice } from './notices.tsx'
import { Shell } from './shell.tsx'
import { initials, UserMenu } from './user-menu.tsx'

const shellOf = (person: ReturnType<typeof aMe>, pathname = '/calls') => (
  <Shell
    sections={sectionsFor(me.parse(person))}
    pathname={pathname}
    organizationName="Northwind Dental"
    userMenu={<span>menu</span>}
  >
    <h1>Calls</h1>
  </Shell>
)

describe('the frame', () => {
  test('has landmarks, a link past the navigation, and the current section marked', () => {
    renderScreen(shellOf(aMe()))
    const navigation = screen.getByRole('navigation', { name: 'Main' })
    expect(
      within(navigation).getByRole('link', { name: 'Calls' }).getAttribute('aria-current'),
    ).toBe('page')
    expect(
      within(navigation).getByRole('link', { name: 'Live' }).getAttribute('aria-current'),
    ).toBeNull()
    expect(screen.getByRole('link', { name: 'Skip to content' }).getAttribute('href')).toBe('#main')
    expect(screen.getByRole('main').id).toBe('main')
    expect(screen.getByRole('banner').textContent).toContain('Northwind Dental')
  })

  test('a section that is never allowed is not shown', () => {
    renderScreen(shellOf(aMember('sales_person')), { me: aMember('sales_person') })
    expect(screen.queryByRole('link', { name: 'Live' })).toBeNull()
  })

  test('somebody without any section gets no side bar', () => {
    renderScreen(shellOf(aMe({ membership: null })))
    expect(screen.queryByRole('navigation')).toBeNull()
  })

  test('collapsing keeps the names of the sections and is remembered', async () => {
    const { user } = renderScreen(shellOf(aMe()))
    await user.click(screen.getByRole('button', { name: 'Collapse', expanded: true }))
    expect(screen.getByRole('button', { name: 'Expand', expanded: false })).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Calls' })).toBeTruthy()
    expect(document.cookie).toContain('voxcalls_preferences=collapsed')
  })

  test('the sheet of a narrow screen opens and closes on a choice', async () => {
    const { user } = renderScreen(shellOf(aMe()))
    await user.click(screen.getByRole('button', { name: 'Open navigation' }))
    const sheet = await screen.findByRole('dialog', { name: 'VoxCalls' })
    await user.click(within(sheet).getByRole('link', { name: 'Live' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })
})

describe('notices', () => {
  test('the sandbox leads to its pages in new tabs', () => {
    const pages = { softphoneUrl: 'http://s/1', inboxUrl: 'http://s/2', eventsUrl: 'http://s/3' }
    renderScreen(<SandboxNotice pages={pages} />)
    const links = screen.getAllByRole('link')
    expect(links.map((link) => link.getAttribute('href'))).toEqual(Object.values(pages))
    expect(links.every((link) => link.textContent?.includes('(opens in a new tab)'))).toBe(true)
  })

  test('a paused organization is told what still works', () => {
    renderScreen(<OrganizationNotice status="paused" />)
    expect(screen.getByText(/can still be read/)).toBeTruthy()
  })

  test('a lost connection says from when the data is, and goes when it is back', () => {
    const reachability = createReachability()
    renderScreen(<ConnectionNotice reachability={reachability} />)
    expect(screen.queryByRole('status')).toBeNull()
    act(() => {
      noteAnswer(reachability, true, new Date('2026-11-20T17:03:00Z'))
      noteAnswer(reachability, false, new Date('2026-11-20T17:04:00Z'))
    })
    expect(screen.getByRole('status').textContent).toContain('Showing data from 12:03:00')
    act(() => noteAnswer(reachability, true, new Date()))
    expect(screen.queryByRole('status')).toBeNull()
  })
})

describe('the account menu', () => {
  const nothing = () => undefined

  test('switches single keys off and remembers it', async () => {
    const { user } = renderScreen(
      <UserMenu
        name="Ana Morales"
        email="ana@northwind.test"
        roleName="Admin"
        locale="en"
        onLocale={nothing}
        onShortcuts={nothing}
        onAccount={nothing}
        onSignOut={nothing}
      />,
    )
    await user.click(screen.getByRole('button', { name: 'Account menu of Ana Morales' }))
    await user.click(await screen.findByRole('menuitemcheckbox', { name: 'Single-key shortcuts' }))
    expect(document.cookie).toContain('no-single-keys')
  })

  test('chooses a language, leaves the organization and signs out', async () => {
    const done: string[] = []
    const { user } = renderScreen(
      <UserMenu
        name=""
        email="ana@northwind.test"
        roleName={null}
        locale="en"
        onLocale={(locale) => done.push(locale)}
        onShortcuts={nothing}
        onAccount={nothing}
        onLeave={() => done.push('leaves')}
        onSignOut={() => done.push('signed out')}
      />,
    )
    const open = () => user.click(screen.getByRole('button', { name: /Account menu/ }))
    await open()
    await user.click(await screen.findByRole('menuitemradio', { name: 'Deutsch' }))
    await open()
    await user.click(await screen.findByRole('menuitem', { name: 'Leave organization' }))
    await open()
    await user.click(await screen.findByRole('menuitem', { name: 'Sign out' }))
    expect(done).toEqual(['de', 'leaves', 'signed out'])
  })

  test('initials come from the first and the last word', () => {
    expect(initials('Ana Maria Morales')).toBe('AM')
    expect(initials('ana@northwind.test')).toBe('AT')
    expect(initials('')).toBe('')
  })
})
