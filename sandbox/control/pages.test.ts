import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import nodemailer from 'nodemailer'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Relay } from './relay.ts'
import { aReceptionist, aSandbox, type Bench, businessNumber, greeting } from './testing.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync)
const args = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

describe.skipIf(!executablePath)('the pages in a browser', () => {
  let bench: Bench
  let relay: Relay
  let browser: Browser
  const failures: string[] = []

  beforeAll(async () => {
    bench = await aSandbox()
    relay = await aReceptionist(bench)
    browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args })
  })
  afterAll(async () => {
    await browser.close()
    await bench.dispose()
    await relay.close()
  })
  afterEach(async () => {
    bench.faults.clear()
    await Promise.all(browser.contexts().map((context) => context.close()))
    expect(failures.splice(0)).toEqual([])
  })

  async function open(path: string, look: { dark?: boolean; width?: number } = {}): Promise<Page> {
    const context = await browser.newContext({
      colorScheme: look.dark ? 'dark' : 'light',
      viewport: { width: look.width ?? 1280, height: 900 },
    })
    const page = await context.newPage()
    page.on('pageerror', (error) => failures.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && failures.push(message.text()))
    await page.goto(`${bench.control.url}${path}`)
    return page
  }

  // Frames that run no script cannot be looked into, which the legacy mode leaves out.
  const violations = async (page: Page) =>
    (await new AxeBuilder({ page }).setLegacyMode().analyze()).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(', ')}`,
    )

  test('a person calls, hears the greeting, types a question and reads the answer', async () => {
    const page = await open('/')
    await expect.poll(() => page.getByLabel('Number to call').inputValue()).toBe(businessNumber)
    await page.getByRole('button', { name: 'Call', exact: true }).click()
    const transcript = page.getByRole('region', { name: 'Transcript' })
    await transcript.getByText(greeting).waitFor()
    await page.getByLabel('What you say').fill('How much does a cleaning cost?')
    await page.keyboard.press('Enter')
    await transcript.getByText('The agent heard every word').waitFor()
    await transcript.getByText('ninety dollars').waitFor()
    expect(await violations(page)).toEqual([])

    await page.getByRole('button', { name: '5', exact: true }).click()
    await page.getByText('Key 5').waitFor()
    await page.getByRole('button', { name: 'Hang up' }).click()
    await page.locator('#status', { hasText: 'Ended' }).waitFor()
    expect(await page.getByRole('link', { name: 'Recording' }).isVisible()).toBe(true)
  }, 40_000)

  test('damaged speech is shown as such, and a wrong number is refused in words', async () => {
    bench.faults.add({ vendor: 'elevenlabs', on: 'socket', action: { type: 'flip', frame: 2 } })
    const page = await open('/', { dark: true })
    await page.getByLabel('Number to call').fill('911')
    await page.getByRole('button', { name: 'Call', exact: true }).click()
    await page.getByText('must be a phone number with its country code').waitFor()
    expect(failures.splice(0)).toEqual([expect.stringContaining('422')])

    await page.getByLabel('Number to call').fill(businessNumber)
    await page.getByRole('button', { name: 'Call', exact: true }).click()
    await page.getByText('Damaged speech', { exact: true }).waitFor()
    await page.getByText(/altered in place · \d+ of \d+ blocks good/).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Hang up' }).click()
    await page.locator('#status', { hasText: 'Ended' }).waitFor()
  }, 40_000)

  test('a mail appears while the inbox is open, and its html cannot run a script', async () => {
    const page = await open('/inbox')
    await page.getByText('No mail yet.').waitFor()
    const transport = nodemailer.createTransport(bench.mail.url)
    await transport.sendMail({
      from: 'no-reply@voxcalls.test',
      to: 'bo@example.com',
      subject: 'Join Northwind',
      text: 'Plain words.',
      html: '<p>Rich words.</p><script>document.body.textContent = "it ran"</script>',
    })
    transport.close()
    await page.getByRole('button', { name: /Join Northwind/ }).click()
    await page.frameLocator('iframe').getByText('Rich words.').waitFor()
    await page.getByRole('button', { name: 'Text' }).click()
    await page.getByText('Plain words.').waitFor()
    expect(await violations(page)).toEqual([])
    // The browser says that it refused the script, which is the point.
    expect(failures.splice(0).every((text) => /script/i.test(text))).toBe(true)
  })

  test('a fault is set and taken away with the switches, and the journal follows live', async () => {
    const page = await open('/events', { dark: true })
    await page.getByRole('button', { name: /The mail server is busy/ }).click()
    await page.getByText('mail request RCPT').waitFor()
    expect(bench.faults.list()).toMatchObject([{ vendor: 'mail', action: { status: 451 } }])
    await page.getByRole('button', { name: 'Remove status on mail request RCPT' }).click()
    await page.getByText('No fault is set').waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    await fetch(`${bench.clerk.url}/v1/jwks`)
    await page.getByText('GET /v1/jwks').waitFor()
    expect(await violations(page)).toEqual([])
  })

  test('a call that the product makes appears by itself and can be joined', async () => {
    const page = await open('/')
    await page.locator('#recent li').first().waitFor()
    const { sid, authToken } = bench.twilio.account
    await fetch(`${bench.twilio.url}/2010-04-01/Accounts/${sid}/Calls.json`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${sid}:${authToken}`)}` },
      body: new URLSearchParams({
        From: businessNumber,
        To: '+15550100777',
        Twiml: '<Response><Say>Good morning.</Say><Pause length="20"/></Response>',
      }),
    })
    await page.getByRole('button', { name: /→ \+15550100777/ }).click()
    await page.getByRole('region', { name: 'Transcript' }).getByText('Good morning.').waitFor()
    await page.getByRole('button', { name: 'Hang up' }).click()
    await page.locator('#status', { hasText: 'Ended' }).waitFor()
  })

  test('no page scrolls sideways on a narrow phone', async () => {
    for (const path of ['/', '/inbox', '/events']) {
      const page = await open(path, { width: 360 })
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    }
  })
})
