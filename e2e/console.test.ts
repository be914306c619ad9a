import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Role } from '#api/contract/permissions.ts'
import { listCalls } from '#contracts/calls'
import { joinTheatre, signIn, sweep, type Theatre } from './browser.ts'

let theatre: Theatre
beforeAll(async () => {
  theatre = await joinTheatre('console')
})
afterAll(() => theatre?.close())

const personOf = (role: Role) => theatre.personOf(role)
const web = () => theatre.stack.urls.web

test('an admin signs in, watches a live call, opens its recording and seeks by a turn', async () => {
  const page = await theatre.open()
  await signIn(page, web(), personOf('admin'))
  const callSid = await theatre.sandbox.dial({
    from: '+15005557001',
    to: theatre.number,
    script: [
      { hear: 'can I', timeoutMs: 30_000 },
      { say: 'How much is a cleaning?' },
      { hear: null, timeoutMs: 20_000 },
      { pause: 12_000 },
      { say: 'Until when are you open on Saturday?' },
      { hear: 'Saturday', timeoutMs: 20_000 },
      { hangUp: true },
    ],
  })

  await page.goto(`${web()}/live`)
  const card = page.locator('main a[href^="/live/"]').first()
  await card.waitFor({ timeout: 30_000 })
  await sweep(page)
  await card.click()
  await page.getByText('How much is a cleaning?').waitFor({ timeout: 30_000 })
  await page.getByText('A cleaning costs ninety dollars.').waitFor({ timeout: 30_000 })
  await sweep(page)
  await page.getByText('This call is over').waitFor({ timeout: 60_000 })
  await theatre.sandbox.ended(callSid, 30_000)

  await page.getByRole('link', { name: 'Open the call' }).click()
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor({ timeout: 60_000 })
  await sweep(page)
  const turn = page.getByRole('button', { name: /Go to 0:0[5-9]/ }).first()
  await turn.click()
  await page.waitForURL(/[?&]t=[4-9]/)
  const position = page.getByRole('slider').first()
  expect(Number(await position.getAttribute('aria-valuenow'))).toBeGreaterThan(3)

  const playing = page.getByRole('button', { name: 'Pause', exact: true })
  if (!(await playing.isVisible()))
    await page.getByRole('button', { name: 'Play', exact: true }).click()
  await playing.waitFor()
  const before = Number(await position.getAttribute('aria-valuenow'))
  await expect
    .poll(async () => Number(await position.getAttribute('aria-valuenow')), { timeout: 10_000 })
    .toBeGreaterThan(before)
  await page.context().close()
})

test('each role sees its own, and a typed URL gives no more', async () => {
  const sales = await theatre.open()
  await signIn(sales, web(), personOf('sales_person'))
  await sales.goto(`${web()}/calls`)
  await sales.getByRole('heading', { name: 'Calls', level: 1 }).waitFor()
  expect(await sales.getByRole('navigation').getByRole('link', { name: 'Live' }).count()).toBe(0)
  await sales.goto(`${web()}/live`)
  await sales.getByRole('heading', { level: 1 }).waitFor()
  expect(await sales.getByRole('heading', { level: 1 }).textContent()).not.toBe('Live')
  await sales.context().close()

  const manager = await theatre.open()
  await signIn(manager, web(), personOf('org_manager'))
  await manager.goto(`${web()}/calls`)
  const row = manager.getByRole('row').nth(1)
  await row.waitFor()
  expect(await manager.getByRole('columnheader', { name: 'Cost' }).count()).toBe(0)
  await manager.context().close()
})

test('lists and details are free of axe findings in dark, and on a phone', async () => {
  for (const options of [
    { colorScheme: 'dark' as const },
    { viewport: { width: 390, height: 800 } },
  ]) {
    const page = await theatre.open(options)
    await signIn(page, web(), personOf('admin'))
    await page.goto(`${web()}/calls`)
    await page.getByRole('row').nth(1).waitFor()
    await sweep(page)
    const [call] = (await theatre.api(listCalls, { query: { limit: 1 } })).items
    await page.goto(`${web()}/calls/${call?.id}`)
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
    await sweep(page)
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overflow).toBeLessThanOrEqual(0)
    await page.context().close()
  }
})

test('the console complained about nothing', () => {
  expect(theatre.complaints).toEqual([])
})
