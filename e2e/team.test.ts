import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '#api/core/config.ts'
import { PASSWORD, peopleAt } from '../scripts/seed-people.ts'
import { fillSignIn, openTheatre, signIn, sweep, type Theatre } from './browser.ts'

const newcomer = { email: 'nora.newman@example.com', password: PASSWORD }

let theatre: Theatre
beforeAll(async () => {
  theatre = await openTheatre()
  await peopleAt(loadConfig(theatre.stack.environment).clerk).ensure({
    role: 'sales_person',
    email: newcomer.email,
    firstName: 'Nora',
    lastName: 'Newman',
  })
})
afterAll(() => theatre?.close())

test('an admin invites somebody, who joins by the link and is given another role; the audit tells it', async () => {
  const web = theatre.stack.urls.web
  const admin = await theatre.open({ permissions: ['clipboard-read', 'clipboard-write'] })
  await signIn(admin, web, theatre.personOf('admin'))
  await admin.goto(`${web}/team`)
  await admin.getByRole('button', { name: 'Invite' }).click()
  await admin.getByLabel('E-mail address').fill(newcomer.email)
  await admin.getByRole('button', { name: 'Send invitation' }).click()
  await admin.getByText(`${newcomer.email} is invited`).waitFor()
  await admin.getByRole('tab', { name: 'Invitations' }).click()
  await admin.getByRole('button', { name: `Actions for ${newcomer.email}` }).click()
  await admin.getByRole('menuitem', { name: 'Copy link' }).click()
  await admin.getByText('The link is copied').waitFor()
  const link = await admin.evaluate<string>('navigator.clipboard.readText()')
  await sweep(admin)

  const guest = await theatre.open()
  await guest.goto(link)
  await guest.getByRole('heading', { name: /invites you/ }).waitFor()
  expect(new URL(guest.url()).hash).toBe('')
  await sweep(guest)
  await guest.getByRole('link', { name: 'Sign in' }).click()
  await fillSignIn(guest, newcomer)
  await guest.getByRole('button', { name: 'Join', exact: true }).click()
  await guest.getByRole('heading', { name: 'Calls', level: 1 }).waitFor()
  await guest.goto(`${web}/team`)
  await guest.getByText('It needs the role Admin or Manager.').waitFor()
  await guest.getByText(`${theatre.personOf('admin').name} can give you another role.`).waitFor()
  await sweep(guest)

  await admin.getByRole('tab', { name: 'Members' }).click()
  await admin.reload()
  await admin.getByLabel('Role of Nora Newman').selectOption('org_manager')
  await admin.getByRole('dialog').getByRole('button', { name: 'Change role' }).click()
  await admin.getByText('Nora Newman: Manager').waitFor()
  await guest.reload()
  await guest.getByRole('heading', { name: 'Team', level: 1 }).waitFor()
  expect(await guest.getByRole('button', { name: /Remove/ }).count()).toBe(0)
  await sweep(guest)

  await admin.goto(`${web}/audit`)
  await admin.getByRole('button', { name: 'Role changed' }).first().click()
  const panel = admin.getByRole('complementary', { name: 'Entry' })
  await panel.getByText('org_manager').waitFor()
  await admin.getByRole('button', { name: 'Verify' }).click()
  await admin.getByText('The chain is intact').waitFor()
  await sweep(admin)
})

test('settings are saved, ask before they are left unsaved, and a key shows its secret once', async () => {
  const web = theatre.stack.urls.web
  const page = await theatre.open({ viewport: { width: 390, height: 800 }, colorScheme: 'dark' })
  await signIn(page, web, theatre.personOf('admin'))
  await page.goto(`${web}/settings`)
  await page.getByLabel('Recordings, in days').fill('30')
  await page.keyboard.press('Control+s')
  await page.getByText('The settings are saved').waitFor()
  await page.getByLabel('Recordings, in days').fill('60')
  await page.getByRole('link', { name: 'API keys' }).click()
  await page.getByRole('button', { name: 'Leave' }).click()
  await page.getByRole('button', { name: 'Create key' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Reporting')
  await page.getByRole('checkbox', { name: 'Listen in' }).check()
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
  await page.getByText(/^vox_/).waitFor()
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await page.getByRole('row', { name: /Reporting/ }).waitFor()
  await sweep(page)
  await page.goto(`${web}/settings`)
  await page.getByLabel('Recordings, in days').waitFor()
  expect(await page.getByLabel('Recordings, in days').inputValue()).toBe('30')
})

test('the console complained about nothing', () => {
  expect(theatre.complaints).toEqual([])
})
