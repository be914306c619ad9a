import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import {
  type Browser,
  type BrowserContextOptions,
  type Cookie,
  chromium,
  type Page,
} from 'playwright-core'
import { expect } from 'vitest'
import type { Role } from '#api/contract/permissions.ts'
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
  /** Somebody of the first organization, or of the platform. */
  personOf(role: Role): SeededPerson
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
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
]

export async function openTheatre(): Promise<Theatre> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('no Chromium: npm test installs it, or set CHROMIUM_PATH')
  const dataDir = mkdtempSync(join(tmpdir(), 'voxcalls-e2e-'))
  const stack = await startStack({
    dataDir,
    ports: 'free',
    // Calls that move between gateways are the business of other tests.
    gateways: 1,
    // Several people open their invitations from this one machine within a minute.
    environment: { RATE_LIMITS: 'invite-accept=1000' },
  })
  let browser: Browser | undefined
  const complaints: string[] = []
  try {
    const { stage, seed } = await setStage(stack)
    await stack.consoleReady
    const microphone = join(dataDir, 'microphone.wav')
    writeFileSync(microphone, silentWav())
    const args = [...FLAGS, `--use-file-for-fake-audio-capture=${microphone}`]
    browser = await chromium.launch({ executablePath, args })
    const running = browser
    return {
      stack,
      stage,
      seed,
      complaints,
      personOf(role) {
        const people = [...seed.platform, ...(seed.organizations[0]?.people ?? [])]
        const found = people.find((person) => person.role === role)
        if (!found) throw new Error(`the seed has no ${role}`)
        return found
      },
      async open(options = {}) {
        const context = await running.newContext({
          viewport: { width: 1280, height: 800 },
          // A click waits until its target stands still.
          reducedMotion: 'reduce',
          ...options,
        })
        const page = await context.newPage()
        page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
        page.on('console', (message) => {
          if (message.type() !== 'error') return
          const { url } = message.location()
          complaints.push(`${page.url()}: ${message.text()} (${url})`)
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

/** A second of a room in which nobody speaks: Chromium's own microphone beeps, and agents stop for that. */
function silentWav(): Buffer {
  const samples = 48_000
  const wav = Buffer.alloc(44 + samples * 2)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(wav.length - 8, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20) // PCM
  wav.writeUInt16LE(1, 22) // one channel
  wav.writeUInt32LE(samples, 24)
  wav.writeUInt32LE(samples * 2, 28)
  wav.writeUInt16LE(2, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(samples * 2, 40)
  return wav
}

/** What the sign-in page left in the browser, by person: filled in once, it need not be filled in for each window. */
const sessions = new WeakMap<Browser, Map<string, Cookie[]>>()

/** Signs in through Clerk's own component, as a person does; in their further windows they are signed in already. */
export async function signIn(
  page: Page,
  webUrl: string,
  person: Pick<SeededPerson, 'email' | 'password'>,
): Promise<void> {
  const context = page.context()
  const known = sessionsOf(context.browser())
  const kept = known.get(person.email)
  if (kept) await context.addCookies(kept)
  await page.goto(`${webUrl}/`)
  if (!kept) {
    await fillSignIn(page, person)
    known.set(person.email, await context.cookies())
  }
}

function sessionsOf(browser: Browser | null): Map<string, Cookie[]> {
  if (!browser) throw new Error('the page belongs to no browser')
  const known = sessions.get(browser) ?? new Map<string, Cookie[]>()
  sessions.set(browser, known)
  return known
}

/** The sign-in page, however one came to it. */
export async function fillSignIn(
  page: Page,
  person: Pick<SeededPerson, 'email' | 'password'>,
): Promise<void> {
  await page.locator('input[name=identifier]').fill(person.email)
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  // A hidden password field exists on the first step already.
  await page.locator('input[name=password]:not([disabled]):visible').fill(person.password)
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
}

/** Fails on anything axe has against the page, which has no frames: the mode for those opens a second page each time. */
export async function sweep(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
}
