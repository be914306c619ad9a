import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { findChromium } from '../scripts/chromium.ts'
import { setStage } from '../scripts/demo/stage.ts'
import type { Stage } from '../scripts/demo/stories.ts'
import type { Seed, SeededPerson } from '../scripts/ensure-seed.ts'
import { type Stack, startStack } from '../scripts/stack.ts'

/** The whole product with a real browser in front of it. */
export type Theatre = {
  stack: Stack
  stage: Stage
  seed: Seed
  open(options?: BrowserContextOptions): Promise<Page>
  /** What pages complained about: script errors and failed requests of our own. */
  complaints: string[]
  close(): Promise<void>
}

const FLAGS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
]

export async function openTheatre(): Promise<Theatre> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('no Chromium: npm test installs it, or set CHROMIUM_PATH')
  const dataDir = mkdtempSync(join(tmpdir(), 'voxcalls-e2e-'))
  const stack = await startStack({ dataDir, ports: 'free' })
  let browser: Browser | undefined
  const complaints: string[] = []
  try {
    const { stage, seed } = await setStage(stack)
    await stack.consoleReady
    browser = await chromium.launch({ executablePath, args: FLAGS })
    const running = browser
    return {
      stack,
      stage,
      seed,
      complaints,
      async open(options = {}) {
        const context = await running.newContext({
          viewport: { width: 1280, height: 800 },
          ...options,
        })
        const page = await context.newPage()
        page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
        page.on('console', (message) => {
          if (message.type() === 'error') complaints.push(`${page.url()}: ${message.text()}`)
        })
        return page
      },
      async close() {
        await running.close()
        await stack.stop()
        rmSync(dataDir, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await browser?.close()
    await stack.stop()
    throw error
  }
}

/** Signs in through Clerk's own component, as a person does. */
export async function signIn(page: Page, webUrl: string, person: SeededPerson): Promise<void> {
  await page.goto(`${webUrl}/`)
  await page.locator('input[name=identifier]').fill(person.email)
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  // A hidden password field exists on the first step already.
  await page.locator('input[name=password]:not([disabled]):visible').fill(person.password)
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
}
