import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Role, roles } from '#api/contract/permissions.ts'
import { PASSWORD } from '../scripts/seed-people.ts'
import { fillSignIn, joinTheatre, signIn, sweep, type Theatre } from './browser.ts'
import {
  expireInvitation,
  fillSignUp,
  hangUp,
  inviteLink,
  STAYS,
  sweepAll,
  toldTo,
  until,
} from './steps.ts'

const PATIENCE_MS = 60_000 // a condition is waited for, never a time: a busy machine only makes it come later

let theatre: Theatre
beforeAll(async () => {
  theatre = await joinTheatre('people')
})
afterAll(() => theatre?.close())

const stack = () => theatre.stack
const at = (path: string) => `${stack().urls.web}${path}`
const someone = (name: string) => ({ email: `${name}@example.com`, password: PASSWORD })

async function open(options?: BrowserContextOptions): Promise<Page> {
  const page = await theatre.open(options)
  page.setDefaultTimeout(PATIENCE_MS)
  return page
}

async function openAs(role: Role, options?: BrowserContextOptions): Promise<Page> {
  const page = await open(options)
  await signIn(page, stack().urls.web, theatre.personOf(role))
  return page
}

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, level: 1 })
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

/** What the side bar offers each role, and an address beyond it. Every address and role: refused-pages.test.tsx. */
const sees: Record<Role, { sections: string[]; refused: string }> = {
  super_admin: {
    sections: [
      'Overview',
      'Organizations',
      'Usage',
      'Configuration',
      'Status',
      'Jobs',
      'Webhooks',
      'Reconciliation',
      'Audit',
    ],
    refused: '/calls',
  },
  manager: {
    sections: ['Overview', 'Organizations', 'Usage'],
    refused: '/platform/jobs',
  },
  admin: {
    sections: [
      'Live',
      'Calls',
      'Agents',
      'Numbers',
      'Knowledge',
      'Wallet',
      'Team',
      'Settings',
      'Audit',
    ],
    refused: '/platform/organizations',
  },
  org_manager: {
    sections: ['Live', 'Calls', 'Agents', 'Numbers', 'Knowledge', 'Team'],
    refused: '/settings',
  },
  sales_person: {
    sections: ['Calls', 'Knowledge'],
    refused: '/team',
  },
}

test.each(roles)(
  '%s sees the sections of the role, and a typed address gives no more',
  async (role) => {
    const { sections, refused } = sees[role]
    const page = await openAs(role)
    const links = page.getByRole('navigation', { name: 'Main' }).getByRole('listitem')
    await links.first().waitFor()
    expect(await links.allTextContents()).toEqual(sections)
    await page.goto(at(refused))
    await heading(page, 'You have no access to this page').waitFor()
    expect(new URL(page.url()).pathname).toBe(refused)
    if (role === 'sales_person') {
      await page.getByText('It needs the role Admin or Manager.').waitFor()
      await page.getByText(`${theatre.personOf('admin').name} can give you another role.`).waitFor()
    }
    if (role === 'admin') {
      await page.getByText('It needs the role Super admin or Platform manager.').waitFor()
      await page.getByText(/^Roles of the platform are given by/).waitFor()
    }
    await sweep(page)
    await page.context().close()
  },
)

const founder = someone('fay.founder')

test('a person signs up, founds an organization and is told what it still lacks', async () => {
  const page = await open({ viewport: { width: 390, height: 800 }, colorScheme: 'dark' })
  await page.goto(at('/sign-up'))
  await fillSignUp(page, stack(), founder)
  await heading(page, /^Welcome/).waitFor()
  await sweep(page)
  await button(page, 'Create organization').click()
  await page.getByText('Fill this in').waitFor()
  await page.getByLabel('Name of the organization').fill('Fay Fisheries')
  await button(page, 'Create organization').dblclick()
  await heading(page, 'Calls').waitFor()
  await page.getByText('Fay Fisheries').waitFor()
  await page.getByText('0 of 6 steps done').waitFor()
  await sweep(page)
  await page.reload()
  await page.getByRole('link', { name: 'Invite a colleague' }).click()
  await heading(page, 'Team').waitFor()
  await page.context().close()
})

const invited = someone('ina.invited')
const other = someone('otto.other')

test('who is invited signs up with that address and joins; the link is good for nobody else', async () => {
  const admin = await open()
  await signIn(admin, stack().urls.web, founder)
  await invite(admin, 'not an address')
  await admin.getByText('This is not an e-mail address').waitFor()
  await admin.getByLabel('E-mail address').fill(invited.email)
  await button(admin, 'Send invitation').click()
  await admin.getByText(`${invited.email} is invited`).waitFor()
  const link = await inviteLink(stack(), invited.email)

  const guest = await open()
  await guest.goto(at('/sign-up'))
  await fillSignUp(guest, stack(), other)
  await heading(guest, /^Welcome/).waitFor()
  await guest.goto(link)
  await heading(guest, 'This invitation is for another address').waitFor()
  await sweep(guest)
  await button(guest, 'Switch account').click()
  await heading(guest, /invites you/).waitFor()
  expect(new URL(guest.url()).hash).toBe('')
  await sweep(guest)
  await guest.getByRole('link', { name: 'Create account' }).click()
  await fillSignUp(guest, stack(), invited)
  await guest.getByText(`You are signed in as ${invited.email}.`).waitFor()
  await button(guest, 'Join').dblclick()
  await heading(guest, 'Calls').waitFor()
  await guest.getByText('Fay Fisheries').waitFor()

  await guest.goto(link)
  await heading(guest, 'This invitation was used already').waitFor()
  await guest.context().close()
  await admin.goto(at('/team'))
  await admin.getByRole('row', { name: new RegExp(invited.email) }).waitFor()
  await admin.context().close()
})

test('an invitation that was taken back or has expired says so; by a new link one joins, and can leave', async () => {
  const admin = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
  await signIn(admin, stack().urls.web, founder)
  // Has an account since somebody else's invitation was opened with it.
  const late = other
  const unwanted = someone('uma.unwanted')
  for (const { email } of [late, unwanted]) {
    await invite(admin, email)
    await admin.getByText(`${email} is invited`).waitFor()
  }
  const lateLink = await inviteLink(stack(), late.email)
  await admin.goto(at('/team?tab=invitations'))
  await button(admin, `Actions for ${unwanted.email}`).click()
  await admin.getByRole('menuitem', { name: 'Copy link' }).click()
  await admin.getByText('The link is copied').waitFor()
  const unwantedLink = await admin.evaluate<string>('navigator.clipboard.readText()')
  await button(admin, `Actions for ${unwanted.email}`).click()
  await admin.getByRole('menuitem', { name: 'Take back' }).click()
  await admin.getByRole('dialog').getByRole('button', { name: 'Take back' }).click()
  await admin.getByText(`The invitation of ${unwanted.email} is taken back`).waitFor()
  await expireInvitation(stack(), late.email)

  const guest = await open()
  await guest.goto(unwantedLink)
  await heading(guest, 'This invitation was taken back').waitFor()
  await guest.goto(at('/livez'))
  await guest.goto(lateLink)
  await heading(guest, 'This invitation has expired').waitFor()
  await sweep(guest)

  await admin.reload()
  await admin.getByRole('row', { name: new RegExp(`${late.email}.*Expired`) }).waitFor()
  await button(admin, `Actions for ${late.email}`).click()
  await admin.getByRole('menuitem', { name: 'Send again' }).click()
  await admin.getByText(`A new link is on its way to ${late.email}`).waitFor()
  const newLink = await until(async () => {
    const link = await inviteLink(stack(), late.email)
    return link === lateLink ? undefined : link
  }, 'the mail with the new link')
  await guest.goto(at('/livez'))
  await guest.goto(lateLink)
  await heading(guest, 'There is no such invitation').waitFor()
  await guest.goto(at('/livez'))
  await guest.goto(newLink)
  await heading(guest, /invites you/).waitFor()
  await guest.getByRole('link', { name: 'Sign in' }).click()
  await fillSignIn(guest, late)
  await button(guest, 'Join').click()
  await heading(guest, 'Calls').waitFor()
  await button(guest, /^Account menu/).click()
  await guest.getByRole('menuitem', { name: 'Leave organization' }).waitFor()
  await sweep(guest)
  await guest.getByRole('menuitem', { name: 'Leave organization' }).click()
  await guest.getByRole('dialog').getByRole('button', { name: 'Leave' }).click()
  await heading(guest, /^Welcome/).waitFor()
  await guest.context().close()
  await admin.context().close()
})

test('another role shows at the next click, up and down again', async () => {
  const admin = await open()
  await signIn(admin, stack().urls.web, founder)
  const member = await open()
  await signIn(member, stack().urls.web, invited)
  const sections = member.getByRole('navigation', { name: 'Main' })
  await heading(member, 'Calls').waitFor()
  expect(await sections.getByRole('link', { name: 'Team' }).count()).toBe(0)

  await giveRole(admin, 'org_manager')
  await sections.getByRole('link', { name: 'VoxCalls' }).click()
  await sections.getByRole('link', { name: 'Team' }).click()
  await heading(member, 'Team').waitFor()
  expect(await button(member, 'Invite').count()).toBe(0)

  await giveRole(admin, 'sales_person')
  await sections.getByRole('link', { name: 'Live' }).click()
  await heading(member, 'You have no access to this page').waitFor()
  await sections.getByRole('link', { name: 'Team' }).waitFor({ state: 'detached' })
  await member.context().close()
  await admin.context().close()
})

test('settings are saved and stay, and ask before they are left unsaved', async () => {
  const page = await openAs('admin', {
    viewport: { width: 390, height: 800 },
    colorScheme: 'dark',
  })
  await page.goto(at('/settings'))
  const days = page.getByLabel('Recordings, in days')
  await days.fill('30')
  await page.keyboard.press('Control+s')
  await page.getByText('The settings are saved').waitFor()
  await days.fill('60')
  await page.getByRole('link', { name: 'API keys' }).click()
  await button(page, 'Leave').click()
  await button(page, 'Create key').first().waitFor()
  await page.goto(at('/settings'))
  await days.waitFor()
  expect(await days.inputValue()).toBe('30')
  await page.context().close()
})

test('a key made in the settings works from outside until it is revoked', async () => {
  const admin = await openAs('admin')
  await admin.goto(at('/settings?tab=api-keys'))
  await button(admin, 'Create key').click()
  const dialog = admin.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Reporting')
  await dialog.getByRole('group', { name: 'Rights' }).getByLabel("Read everybody's").first().check()
  await dialog.getByRole('button', { name: 'Create key' }).click()
  const secret = (await admin.getByText(/^vox_\w/).textContent()) ?? ''
  await button(admin, 'I have kept it').click()
  await admin.getByText(secret).waitFor({ state: 'detached' })
  const ask = async (path: string) => {
    const headers = { authorization: `Bearer ${secret}` }
    return (await fetch(`${stack().urls.api}${path}`, { headers })).status
  }
  expect(await ask('/v1/calls')).toBe(200)
  expect(await ask('/v1/wallet')).toBe(403)

  await button(admin, 'Revoke Reporting').click()
  await admin.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await admin.getByText('Reporting is revoked').waitFor()
  expect(await ask('/v1/calls')).toBe(401)
  await admin.context().close()
})

test('an address added in the settings is told of the end of a call', async () => {
  const admin = await openAs('admin')
  await admin.goto(at('/settings?tab=webhooks'))
  await button(admin, 'Add address').first().click()
  const dialog = admin.getByRole('dialog')
  await dialog.getByLabel('Address').fill(`${stack().urls.sandbox}/hooks/people`)
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await button(admin, 'I have kept it').click()
  const callSid = await theatre.sandbox.dial({
    from: '+15005557301',
    to: theatre.number,
    script: [{ hear: 'can I', timeoutMs: 60_000 }, { hangUp: true }],
  })
  await theatre.sandbox.ended(callSid, PATIENCE_MS)
  const told = await until(async () => {
    const messages = await toldTo(stack(), '/hooks/people')
    return messages.find((message) => message.type === 'call.ended')
  }, 'the end of the call at the address')
  expect(JSON.stringify(told)).toContain('callId')

  await admin.getByRole('row', { name: /hooks\/people/ }).click()
  await admin.getByRole('row', { name: /call\.ended.*Delivered/ }).waitFor()
  await sweep(admin)
  await admin.context().close()
})

test('who is removed loses the live call they watch', async () => {
  const watcher = theatre.personOf('org_manager')
  const callSid = await theatre.sandbox.dial({
    from: '+15005557302',
    to: theatre.number,
    script: [...STAYS],
  })
  const page = await openAs('org_manager')
  await page.goto(at('/live'))
  await page.locator('main a[href^="/live/"]').first().click()
  await page.getByText('How much is a cleaning?').waitFor()

  const admin = await openAs('admin')
  await admin.goto(at('/team'))
  await button(admin, `Remove ${watcher.name}`).click()
  await admin.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await admin.getByText(`${watcher.name} is no member any more`).waitFor()
  await page.getByText('How much is a cleaning?').waitFor({ state: 'detached' })
  await heading(page, /^Welcome/).waitFor()
  await hangUp(stack(), callSid)
  await page.context().close()
  await admin.context().close()
})

test('the audit log tells all of it, and its chain is intact', async () => {
  const admin = await openAs('admin', { colorScheme: 'dark' })
  await admin.goto(at('/audit'))
  for (const action of [
    'Member removed',
    'API key created',
    'API key revoked',
    'Webhook address added',
  ])
    await button(admin, action).first().waitFor()
  await button(admin, 'Verify').click()
  await admin.getByText('The chain is intact').waitFor()
  await sweep(admin)
  await admin.context().close()

  const page = await open({ viewport: { width: 390, height: 800 } })
  await signIn(page, stack().urls.web, founder)
  await page.goto(at('/audit'))
  for (const action of [
    'Role changed',
    'Member left',
    'Invitation accepted',
    'Invitation taken back',
    'Person invited',
  ])
    await button(page, action).first().waitFor()
  await button(page, 'Role changed').first().click()
  const entry = page.getByRole('complementary', { name: 'Entry' })
  await entry.getByText('org_manager').first().waitFor()
  await page.keyboard.press('Escape')
  await button(page, 'Verify').click()
  await page.getByText('The chain is intact').waitFor()
  await sweep(page)
  await page.context().close()
})

const SCREENS = [
  '/team',
  '/team?tab=invitations',
  '/settings',
  '/settings?tab=api-keys',
  '/settings?tab=webhooks',
  '/settings?tab=features',
]

test('axe has nothing against team and settings, light or dark, wide or on a phone', async () => {
  const page = await openAs('admin')
  await sweepAll(page, SCREENS.map(at))
  await page.context().close()
})

test('the console complained about nothing but what it was refused', () => {
  const refused = /Failed to load resource: the server responded with a status of 40[349]/
  expect(theatre.complaints.filter((complaint) => !refused.test(complaint))).toEqual([])
})

async function invite(page: Page, email: string): Promise<void> {
  await page.goto(at('/team'))
  await button(page, 'Invite').first().click()
  await page.getByLabel('E-mail address').fill(email)
  await button(page, 'Send invitation').click()
}

async function giveRole(admin: Page, role: string): Promise<void> {
  await admin.goto(at('/team'))
  await admin.getByLabel(`Role of ${invited.email}`).selectOption(role)
  await admin.getByRole('dialog').getByRole('button', { name: 'Change role' }).click()
  await admin.getByRole('dialog').waitFor({ state: 'detached' })
}
