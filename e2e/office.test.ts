import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Role } from '#api/contract/permissions.ts'
import { changeSetting, listOwnFlags } from '#contracts/system'
import { getWallet } from '#contracts/wallet'
import { openTheatre, signIn, sweep, type Theatre } from './browser.ts'
import { failJob, hangUp, STAYS, sweepAll, until } from './steps.ts'

const PATIENCE_MS = 60_000 // a condition is waited for, never a time: a busy machine only makes it come later
const SLICE_SECONDS = 10
const REASON = 'Asked for by the customer'

let theatre: Theatre
/** The platform's office, open through the whole file. */
let office: Page
beforeAll(async () => {
  theatre = await openTheatre()
  // A paused organization's calls end within a slice: short slices are waited for less.
  await theatre.platform(changeSetting, {
    params: { key: 'slice_seconds' },
    body: { value: SLICE_SECONDS, reason: REASON },
  })
  office = await openAs('super_admin')
})
afterAll(() => theatre?.close())

const stack = () => theatre.stack
const at = (path: string) => `${stack().urls.web}${path}`

async function openAs(role: Role, options?: BrowserContextOptions): Promise<Page> {
  const page = await theatre.open(options)
  page.setDefaultTimeout(PATIENCE_MS)
  await signIn(page, stack().urls.web, theatre.personOf(role))
  return page
}

function firstOrganization() {
  const [organization] = theatre.seed.organizations
  if (!organization) throw new Error('the seed has no organization')
  return organization
}
const ofOrganization = (tab: string) =>
  at(`/platform/organizations/${firstOrganization().organizationId}${tab && `?tab=${tab}`}`)

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' })

/** What the open dialog asks for, given and sent. */
async function answer(page: Page, action: string, fields: Record<string, string>): Promise<void> {
  const dialog = page.getByRole('dialog')
  for (const [label, value] of Object.entries(fields)) await dialog.getByLabel(label).fill(value)
  await dialog.getByRole('button', { name: action, exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
}

const dial = (from: string) =>
  theatre.sandbox.dial({ from, to: theatre.number, script: [...STAYS] })

test('a setting changed for a reason takes effect at the next call', async () => {
  await changeLimit('1')
  const running = await dial('+15005557401')
  try {
    await until(async () => {
      const { heard } = await theatre.sandbox.call(running)
      return heard.length > 0 ? true : undefined
    }, 'the agent on the line')
    const turnedAway = await dial('+15005557402')
    await theatre.sandbox.ended(turnedAway, PATIENCE_MS)
    const admin = await openAs('admin')
    await admin.goto(at('/calls'))
    await admin.getByText('Platform at capacity').first().waitFor()
    await admin.context().close()
    await changeLimit('1000')
  } finally {
    // Left on the line, it would hold money in the tests to come.
    await hangUp(stack(), running)
  }
  await theatre.sandbox.ended(running, PATIENCE_MS).catch(() => undefined)
})

test('money is credited and debited by hand, with the balance it leads to shown before', async () => {
  // What a call before was worth is taken when it is settled.
  await expect
    .poll(async () => (await theatre.api(getWallet, {})).heldCents, { timeout: PATIENCE_MS })
    .toBe(0)
  const { balanceCents } = await theatre.api(getWallet, {})
  await office.goto(ofOrganization('wallet'))
  await button(office, 'Credit').click()
  const dialog = office.getByRole('dialog')
  await dialog.getByLabel('Amount in USD').fill('25')
  await dialog.getByText(new RegExp(`Balance .* → .*${dollars(balanceCents + 2_500)}`)).waitFor()
  await dialog.getByLabel('Reason').fill(REASON)
  await dialog.getByRole('button', { name: 'Credit', exact: true }).dblclick()
  await office.getByText('$25.00 credited.').waitFor()
  expect((await theatre.api(getWallet, {})).balanceCents).toBe(balanceCents + 2_500)

  await button(office, 'Debit').click()
  await dialog.getByLabel('Amount in USD').fill('five')
  await dialog.getByLabel('Reason').fill(REASON)
  await dialog.getByRole('button', { name: 'Debit', exact: true }).click()
  await dialog.getByText('An amount such as 25 or 12.50').waitFor()
  await answer(office, 'Debit', { 'Amount in USD': '5.50' })
  await office.getByText('$5.50 debited.').waitFor()
  expect((await theatre.api(getWallet, {})).balanceCents).toBe(balanceCents + 1_950)
})

test('a feature that is switched off is refused inside, and works again when it is on', async () => {
  await switchKeys('off')
  const { items } = await theatre.api(listOwnFlags, {})
  expect(items.find(({ flag }) => flag === 'api_keys')?.enabled).toBe(false)
  const admin = await openAs('admin')
  await admin.goto(at('/settings?tab=api-keys'))
  await admin.getByText('This feature is switched off for your organization').waitFor()
  await switchKeys('on')
  await admin.reload()
  await button(admin, 'Create key').first().waitFor()
  await admin.context().close()
})

test('a failed job is sent again, and a delivery with a wrong signature is shown as rejected', async () => {
  const { organizationId } = firstOrganization()
  await failJob(stack(), 'usage.refresh-day', { organizationId, day: '2026-01-01' }, 'TypeError')
  await office.goto(at('/platform/jobs'))
  await office.getByText('TypeError').waitFor()
  await button(office, /^Retry usage\.refresh-day/).click()
  await office.getByText('One job is sent again.').waitFor()
  await office.getByText('TypeError').waitFor({ state: 'detached' })

  const response = await fetch(`${stack().urls.api}/webhooks/elevenlabs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'elevenlabs-signature': 't=1,v0=00' },
    body: '{}',
  })
  expect(response.status).toBeGreaterThanOrEqual(400)
  await office.goto(at('/platform/webhooks'))
  await office.getByRole('tab', { name: 'Rejected' }).click()
  await office
    .getByRole('row', { name: /ElevenLabs/ })
    .first()
    .waitFor()
})

test('a pause ends the running call; members read on, are told why, and can change nothing', async () => {
  const callSid = await dial('+15005557403')
  const member = await openAs('admin')
  await member.goto(at('/live'))
  await member.locator('main a[href^="/live/"]').first().waitFor()

  const { name } = firstOrganization()
  await office.goto(ofOrganization(''))
  await button(office, 'Pause').click()
  const dialog = office.getByRole('dialog')
  await dialog.getByLabel('Reason').fill(REASON)
  expect(await dialog.getByRole('button', { name: 'Pause', exact: true }).isDisabled()).toBe(true)
  await answer(office, 'Pause', { [`Type ${name} to go on`]: name })
  await office.getByText(`${name} is paused.`).waitFor()

  await member.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Team' }).click()
  await member.getByText(/This organization is paused/).waitFor()
  await member.getByRole('row', { name: /Ada Admin/ }).waitFor()
  const invite = button(member, 'Invite').first()
  expect(await invite.getAttribute('aria-disabled')).toBe('true')
  await invite.hover()
  await member.getByText('The organization is paused: nothing can be changed.').first().waitFor()
  await sweep(member)
  await theatre.sandbox.ended(callSid, 120_000)
  await member.goto(at('/calls'))
  await member.getByText('Organization paused').first().waitFor()

  await button(office, 'Resume').click()
  await answer(office, 'Resume', { Reason: REASON })
  await office.getByText(`${name} works again.`).waitFor()
  await member.reload()
  await member.getByText(/This organization is paused/).waitFor({ state: 'detached' })
  await member.context().close()
})

test('the logs tell who did it and why, and every chain is intact', async () => {
  await office.goto(at('/platform/audit'))
  for (const action of ['Setting changed', 'Job sent again'])
    await button(office, action).first().waitFor()
  await button(office, 'Verify all chains').click()
  await office.getByText('The chain is intact').waitFor()
  await office.getByText('The chains of all organizations are intact too.').waitFor()
  await office.goto(ofOrganization('audit'))
  for (const action of [
    'Organization resumed',
    'Organization paused',
    'Feature switched',
    'Wallet adjusted',
  ])
    await button(office, action).first().waitFor()
})

const SCREENS = [
  '/platform',
  '/platform/organizations',
  '/platform/usage',
  '/platform/configuration',
  '/platform/configuration?tab=prices',
  '/platform/configuration?tab=people',
  '/platform/status',
  '/platform/jobs',
  '/platform/webhooks',
  '/platform/webhooks?tab=rejected',
  '/platform/reconciliation',
  '/platform/audit',
]

test('axe has nothing against the office, light or dark, wide or on a phone', async () => {
  const page = await openAs('super_admin')
  const tabs = ['', 'wallet', 'price', 'features', 'audit']
  await sweepAll(page, [...SCREENS.map(at), ...tabs.map(ofOrganization)])
  await page.context().close()
})

test('the console complained about nothing but what it was refused', () => {
  const refused = /Failed to load resource: the server responded with a status of 40[349]/
  expect(theatre.complaints.filter((complaint) => !refused.test(complaint))).toEqual([])
})

async function changeLimit(value: string): Promise<void> {
  await office.goto(at('/platform/configuration'))
  await button(office, 'Change: Calls at once, platform').click()
  const dialog = office.getByRole('dialog')
  await dialog.getByLabel(/^Value in/).fill(value)
  await answer(office, 'Change', { Reason: REASON })
  await office.getByText('Changed: Calls at once, platform').waitFor()
}

async function switchKeys(way: 'on' | 'off'): Promise<void> {
  await office.goto(ofOrganization('features'))
  await button(office, `Switch ${way}: API keys`).click()
  await answer(office, `Switch ${way}`, { Reason: REASON })
  await button(office, `Switch ${way === 'on' ? 'off' : 'on'}: API keys`).waitFor()
}

const dollars = (cents: number) => `\\$${(cents / 100).toFixed(2).replace('.', '\\.')}`
