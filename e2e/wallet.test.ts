import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { getAutoRecharge, getWallet, listLedgerEntries } from '#contracts/wallet'
import { openTheatre, signIn, sweep, type Theatre } from './browser.ts'

const CONFIRMED_MS = 30_000 // a webhook, its job and the screen's next look
const LATE_MS = 20_000 // after which the screen calls a confirmation late

let theatre: Theatre
let page: Page
beforeAll(async () => {
  theatre = await openTheatre()
  page = await theatre.open()
  const [organization] = theatre.seed.organizations
  const admin = organization?.people.find((person) => person.role === 'admin')
  if (!admin) throw new Error('the seed has no admin')
  await signIn(page, web(), admin)
})
afterAll(() => theatre?.close())

const web = () => theatre.stack.urls.web
const money = (cents: number) =>
  new Intl.NumberFormat('en', { style: 'currency', currency: 'usd' }).format(cents / 100)
const balanceCents = async () => (await theatre.api(getWallet, {})).balanceCents

/** Every line of the ledger, oldest first. */
async function ledger() {
  const lines = []
  let cursor: string | null = null
  do {
    const given: { limit: number; cursor?: string } = { limit: 100, ...(cursor && { cursor }) }
    const answer = await theatre.api(listLedgerEntries, { query: given })
    lines.push(...answer.items)
    cursor = answer.nextCursor
  } while (cursor)
  return lines.reverse()
}

/** Chooses an amount on the wallet's page and stands on the payment page. */
async function goToPayment(preset: string, options: { keepsCard?: boolean } = {}): Promise<void> {
  await page.goto(`${web()}/wallet`)
  await page.getByRole('button', { name: 'Top up', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: preset, exact: true }).click()
  if (options.keepsCard) await dialog.getByRole('checkbox', { name: 'Keep the card' }).check()
  await dialog.getByRole('button', { name: 'Go to payment' }).click()
  await page.locator('#number').waitFor()
}

async function payWith(card: string): Promise<void> {
  await page.locator('#number').fill(card)
  await page.locator('#pay').click()
}

/** The balance in large figures; the screen asks for it anew when a payment is confirmed. */
const showsBalance = (cents: number) =>
  page
    .getByRole('region', { name: 'Balance' })
    .getByText(money(cents), { exact: true })
    .first()
    .waitFor({ timeout: CONFIRMED_MS })

test('a payment counts when its confirmation lands, and a late one is told', async () => {
  const before = await balanceCents()
  await theatre.sandbox.addFault({
    vendor: 'stripe',
    on: 'webhook',
    times: 1_000,
    action: { type: 'block' },
  })
  await goToPayment('$25', { keepsCard: true })
  await page.clock.install()
  await payWith('4242 4242 4242 4242')

  await page.getByText('Waiting for the confirmation of $25.00').waitFor({ timeout: CONFIRMED_MS })
  expect(await balanceCents()).toBe(before)
  await page.clock.fastForward(LATE_MS)
  await page.getByText('The confirmation of $25.00 is late').waitFor()
  await sweep(page)

  await theatre.sandbox.clearFaults()
  await page.getByText('$25.00 was added').waitFor({ timeout: CONFIRMED_MS })
  await showsBalance(before + 2_500)
  expect(await balanceCents()).toBe(before + 2_500)
})

test('a refused card says why and charges nothing; another one pays the same top-up', async () => {
  const before = await balanceCents()
  await goToPayment('$50')
  await payWith('4000 0000 0000 9995')
  await page.getByRole('alert').waitFor()
  await page.locator('#cancel').click()

  await page.getByText('The card was refused').waitFor({ timeout: CONFIRMED_MS })
  await page.getByText('There is not enough money on the card.').waitFor()
  expect(await balanceCents()).toBe(before)

  await page.getByRole('link', { name: 'Try another card' }).click()
  await payWith('5555 5555 5555 4444')
  await page.getByText('$50.00 was added').waitFor({ timeout: CONFIRMED_MS })
  await showsBalance(before + 5_000)
})

test('a payment page that is left unpaid leads back to it', async () => {
  const before = await balanceCents()
  await goToPayment('$100')
  await page.locator('#cancel').click()
  await page.getByText('Nothing was paid').waitFor({ timeout: CONFIRMED_MS })
  await page.getByRole('link', { name: 'Go on paying' }).click()
  await page.locator('#pay').waitFor()
  expect(await balanceCents()).toBe(before)
})

test('the saved card is charged by itself when less than the threshold is there', async () => {
  const before = await balanceCents()
  await page.goto(`${web()}/wallet`)
  const recharge = page.getByRole('region', { name: 'Automatic top-up' })
  await recharge.getByText('Visa ending in 4242').waitFor()
  await recharge.getByRole('button', { name: 'Set up' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('When less than this is available').fill(String(before / 100 + 1))
  await dialog.getByLabel('Add this much').fill('30')
  await dialog.getByLabel('At most this much a month').fill('30')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await recharge.getByText('On', { exact: true }).waitFor()

  await expect.poll(balanceCents, { timeout: CONFIRMED_MS }).toBe(before + 3_000)
  const charged = await theatre.api(getAutoRecharge, {})
  expect(charged).toMatchObject({ enabled: true, chargedThisMonthCents: 3_000 })
  await page.goto(`${web()}/wallet?tab=payments`)
  const newest = page.getByRole('table', { name: 'Payments' }).getByRole('row').nth(1)
  expect(await newest.textContent()).toMatch(/Paid.*Automatic.*\$30\.00/)
  await showsBalance(before + 3_000)
})

test('every webhook sent once more changes nothing', async () => {
  const before = await ledger()
  const control = `${theatre.stack.urls.sandbox}/sandbox`
  const read = async (path: string): Promise<unknown> => (await fetch(`${control}${path}`)).json()
  const events = z.array(z.object({ id: z.string() }).loose()).parse(await read('/stripe/events'))
  expect(events.length).toBeGreaterThan(5)
  await fetch(`${control}/journal`, { method: 'DELETE' })
  for (const { id } of events) {
    const resent = await fetch(`${control}/stripe/events/${id}/resend`, { method: 'POST' })
    expect(resent.status).toBe(202)
  }
  const deliveries = z.array(z.object({ status: z.number().default(0) }).loose())
  const isTaken = ({ status }: { status: number }) => status >= 200 && status < 300
  await expect
    .poll(
      async () => {
        const sent = await read('/journal?vendor=stripe&kind=webhook&limit=1000')
        return deliveries.parse(sent).filter(isTaken).length
      },
      { timeout: CONFIRMED_MS },
    )
    .toBe(events.length)
  expect(await ledger()).toEqual(before)
})

test('what the screen shows is what the ledger adds up to', async () => {
  const lines = await ledger()
  const sum = lines.reduce((total, { fromAccount, toAccount, amountCents }) => {
    const isInside = (account: string) => account === 'available' || account === 'held'
    return total + (Number(isInside(toAccount)) - Number(isInside(fromAccount))) * amountCents
  }, 0)
  expect(await balanceCents()).toBe(sum)
  await page.goto(`${web()}/wallet`)
  await showsBalance(sum)
  const rows = page.getByRole('table', { name: 'Ledger' }).getByRole('row')
  await rows.nth(1).waitFor()
  expect(await rows.count()).toBe(Math.min(lines.length, 25) + 1)
  expect(await rows.nth(1).textContent()).toContain(money(lines.at(-1)?.balanceAfterCents ?? 0))
})

test('the ledger and a statement are kept as files that say the same', async () => {
  await page.goto(`${web()}/wallet`)
  const newest = page.getByRole('table', { name: 'Ledger' }).getByRole('row').nth(1)
  await newest.waitFor()
  const csv = (await downloadOf('Export CSV')).toString()
  // A head, every line, and nothing behind them.
  expect(csv.trimEnd().split('\n')).toHaveLength((await ledger()).length + 1)

  await page.goto(`${web()}/wallet?tab=statements`)
  const pdf = await downloadOf(/^PDF of /)
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  expect(pdf.length).toBeGreaterThan(1_000)
  expect((await downloadOf(/^CSV of /)).length).toBeGreaterThan(100)
})

async function downloadOf(button: string | RegExp): Promise<Buffer> {
  const exact = typeof button === 'string'
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button, exact }).first().click(),
  ])
  return readFile(await download.path())
}

test('a narrow screen in the dark shows the whole wallet', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.emulateMedia({ colorScheme: 'dark' })
  for (const tab of ['', '?tab=payments', '?tab=statements']) {
    await page.goto(`${web()}/wallet${tab}`)
    await page.getByRole('row').nth(1).waitFor()
    const past = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
    expect(await page.evaluate(past), 'pixels past the edge').toBe(0)
    await sweep(page)
  }
})

test('the console complained about nothing', () => {
  // The payment page answers a refused card with 402, which the browser reports; it is not ours.
  const own = theatre.complaints.filter((complaint) => complaint.startsWith(web()))
  expect(own).toEqual([])
})
