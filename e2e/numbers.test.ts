import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { customersTwilioAccount } from '../sandbox/config.ts'
import { joinTheatre, signIn, sweep, type Theatre } from './browser.ts'
import { pointElsewhere, sweepAll } from './steps.ts'

const ELSEWHERE = 'https://elsewhere.example.com/answer'

let theatre: Theatre
beforeAll(async () => {
  theatre = await joinTheatre('numbers')
})
afterAll(() => theatre?.close())

const isActive = (page: Page) => page.getByText('Active', { exact: true }).waitFor()

/** A choice by its words: its whole line is the label's. */
const pick = (page: Page, words: string) =>
  page.locator('main label').filter({ hasText: words }).first().click()

/** The number on the screen, as it is stored. */
const e164Of = async (page: Page): Promise<string> => {
  const facts = await page.getByRole('region', { name: 'About the number' }).textContent()
  const [e164] = /\+\d+/.exec(facts ?? '') ?? []
  if (!e164) throw new Error(`no number among the facts: ${facts}`)
  return e164
}

async function release(page: Page, e164: string): Promise<void> {
  await page.getByRole('button', { name: 'Release' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(`Type ${e164} to go on`).fill(e164)
  await dialog.getByRole('button', { name: 'Release' }).click()
  await page.getByText('Released', { exact: true }).waitFor()
}

test('an admin buys a number, gives it an agent who answers, repairs what was changed outside, releases it', async () => {
  const { stack, sandbox, personOf, seed } = theatre
  const page = await theatre.open()
  await signIn(page, stack.urls.web, personOf('admin'))
  await page.goto(`${stack.urls.web}/numbers`)
  await page.getByRole('button', { name: 'Import number' }).click()
  await pick(page, 'A new number from VoxCalls')
  await page.getByLabel('Area code').fill('212')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.waitForURL(/area=212/)
  await page.getByText(/a month for each, paid by VoxCalls/).waitFor()
  await pick(page, '(212) ')
  await sweep(page)
  await page.getByRole('button', { name: /^Buy \(212\)/ }).click()
  const dialog = page.getByRole('dialog')
  const asked = await dialog.getByText(/^Type \+1212/).textContent()
  const [wanted = ''] = /\+\d+/.exec(asked ?? '') ?? []
  await dialog.getByLabel(/^Type/).fill(wanted)
  await dialog.getByRole('button', { name: 'Buy', exact: true }).dblclick()
  await page.waitForURL(/\/numbers\/[\da-f-]{36}$/)
  await page.getByText('No agent answers this number').waitFor()
  const e164 = await e164Of(page)
  expect(e164).toBe(wanted)

  await page.getByLabel('Agent', { exact: true }).selectOption(seed.organizations[0]?.agentId ?? '')
  await page.getByRole('button', { name: 'Save' }).click()
  await isActive(page)
  await page
    .getByRole('link', { name: /Open the softphone/ })
    .last()
    .waitFor()
  await sweep(page)
  const callSid = await sandbox.dial({
    from: '+15005557021',
    to: e164,
    script: [{ hear: null, timeoutMs: 60_000 }, { hangUp: true }],
  })
  const call = await sandbox.ended(callSid, 60_000)
  expect(call.script?.why).toBeUndefined()

  await pointElsewhere(stack, e164, ELSEWHERE)
  await page.getByRole('button', { name: 'Check at the vendors' }).click()
  const changed = page.getByRole('list', { name: 'What was changed' })
  await changed.getByText(ELSEWHERE).waitFor()
  await sweep(page)
  await page.getByRole('button', { name: 'Repair' }).click()
  await isActive(page)
  expect(await changed.count()).toBe(0)
  await release(page, e164)
  await sweep(page)
  await page.getByRole('link', { name: 'All numbers' }).click()
  await page.getByRole('heading', { name: 'Numbers', level: 1 }).waitFor()
  await page.getByRole('row').nth(1).waitFor()
  // The list as it was is shown until the new one is there.
  const row = page.getByText(`(212) ${e164.slice(5, 8)}-${e164.slice(8)}`)
  await row.waitFor({ state: 'detached' })
  await page.context().close()
})

test('an own Twilio account is connected, lends a number and takes it back', async () => {
  const { stack, personOf } = theatre
  const { accountSid, authToken, numbers } = customersTwilioAccount
  const page = await theatre.open({ viewport: { width: 390, height: 800 }, colorScheme: 'dark' })
  await signIn(page, stack.urls.web, personOf('admin'))
  await page.goto(`${stack.urls.web}/numbers/import`)
  await page.getByRole('button', { name: 'Connect a Twilio account' }).click()
  await page.getByLabel('Account SID').fill(accountSid)
  await page.getByLabel('Auth token').fill(authToken)
  await page.getByLabel('Label').fill('Main account')
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  await pick(page, '(415) 555-0190')
  await page.getByRole('button', { name: 'Import (415) 555-0190' }).click()
  await page.waitForURL(/\/numbers\/[\da-f-]{36}$/)
  await page.getByText('No agent answers this number').waitFor()
  await pick(page, 'Voicemail')
  await page.getByLabel('What is said').fill('Please leave a message.')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The number is saved').waitFor()
  await page.reload()
  await page.getByText('Please leave a message.').first().waitFor()
  await sweep(page)
  const e164 = numbers[0]?.phoneNumber ?? ''
  await page.goto(`${stack.urls.web}/numbers?tab=accounts`)
  const actions = page.getByRole('button', { name: 'Actions for Main account' })
  await actions.click()
  await page.getByText('One number needs it: release it first').waitFor()
  await page.keyboard.press('Escape')
  await page.goBack()
  await release(page, e164)
  await page.goto(`${stack.urls.web}/numbers?tab=accounts`)
  await actions.click()
  await page.getByRole('menuitem', { name: 'Disconnect' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click()
  await page.getByText('No Twilio account is connected').waitFor()
  await page.context().close()
})

test('readers look without changing, sales people are told whom to ask', async () => {
  const { stack, personOf } = theatre
  const reader = await theatre.open()
  await signIn(reader, stack.urls.web, personOf('org_manager'))
  await reader.goto(`${stack.urls.web}/numbers`)
  await reader.getByRole('row').nth(1).waitFor()
  expect(await reader.getByRole('button', { name: 'Import number' }).count()).toBe(0)
  expect(await reader.locator('select').count()).toBe(0)
  await reader.context().close()
  const sales = await theatre.open()
  await signIn(sales, stack.urls.web, personOf('sales_person'))
  await sales.goto(`${stack.urls.web}/numbers`)
  await sales.getByText('It needs the role Admin or Manager.').waitFor()
  await sales.context().close()
})

test('axe finds nothing, light or dark, wide or on a phone', async () => {
  const { stack, personOf, seed } = theatre
  const page = await theatre.open()
  await signIn(page, stack.urls.web, personOf('admin'))
  const at = (path: string) => `${stack.urls.web}${path}`
  await sweepAll(page, [
    at('/numbers'),
    at('/numbers?tab=accounts'),
    at('/numbers/import?from=platform'),
    at(`/numbers/${seed.organizations[0]?.phoneNumberId}`),
  ])
  await page.context().close()
})

test('the console complained about nothing', () => {
  expect(theatre.complaints).toEqual([])
})
