import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
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
import { expect, inject } from 'vitest'
import type { Role } from '#api/contract/permissions.ts'
import { type ApiClient, createApiClient } from '../scripts/api-client.ts'
import { findChromium } from '../scripts/chromium.ts'
import type { Seed, SeededPerson } from '../scripts/ensure-seed.ts'
import { createSandboxClient, type SandboxClient } from '../scripts/sandbox-client.ts'
import { type Place, type Seat, seat, startPlace } from './theatre.ts'

/** The whole product with a real browser in front of it. */
export type Theatre = {
  stack: Place
  sandbox: SandboxClient
  /** As an admin of the first organization. */
  api: ApiClient
  /** As the platform's super_admin. */
  platform: ApiClient
  /** The first organization's, in E.164. */
  number: string
  seed: Seed
  /** Somebody of the first organization, or of the platform. */
  personOf(role: Role): SeededPerson
  open(options?: BrowserContextOptions): Promise<Page>
  /** What pages complained about: script errors and failed requests of our own. */
  complaints: string[]
  close(): Promise<void>
}

const FEATURES_OFF = [
  // Two pages behind the address bar, for each window: half of what an empty window costs.
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  // Playwright's own: of two lists Chromium takes the last.
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'TcpPortRandomizationWin',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
]

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
  `--disable-features=${FEATURES_OFF.join(',')}`,
]

/** For files that change what the platform has once, or stop processes: a product that nobody else uses. */
export async function openTheatre(): Promise<Theatre> {
  const place = await startPlace()
  try {
    const seed = await place.seed({ organizations: 2 })
    return await theatreAt({ place, seed }, () => place.stop())
  } catch (error) {
    await place.stop()
    throw error
  }
}

/** For files that change only their own organization: that, in the product which all such files share. */
export async function joinTheatre(name: string): Promise<Theatre> {
  const answer = await fetch(`${inject('houseUrl')}/${name}`)
  if (!answer.ok) throw new Error(`no seat for ${name}: ${await answer.text()}`)
  return theatreAt(seat.parse(await answer.json()), async () => undefined)
}

async function theatreAt({ place, seed }: Seat, leave: () => Promise<void>): Promise<Theatre> {
  const [organization] = seed.organizations
  if (!organization) throw new Error('the seed has no organization')
  const people = [...seed.platform, ...organization.people]
  const personOf = (role: Role): SeededPerson => {
    const found = people.find((person) => person.role === role)
    if (!found) throw new Error(`the seed has no ${role}`)
    return found
  }
  const sandbox = createSandboxClient(place.urls.sandbox)
  const { origin } = new URL(place.urls.web)
  const as = (role: Role): ApiClient =>
    createApiClient(place.urls.api, () => sandbox.token(personOf(role).clerkUserId, origin))
  const folder = mkdtempSync(join(tmpdir(), 'voxcalls-browser-'))
  const browser = await openBrowser(folder)
  const complaints: string[] = []
  return {
    stack: place,
    sandbox,
    api: as('admin'),
    platform: as('super_admin'),
    number: organization.number,
    seed,
    personOf,
    complaints,
    async open(options = {}) {
      const context = await browser.newContext({
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
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
      await leave()
    },
  }
}

function openBrowser(folder: string): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('no Chromium: npm test installs it, or set CHROMIUM_PATH')
  const microphone = join(folder, 'microphone.wav')
  writeFileSync(microphone, silentWav())
  const args = [...FLAGS, `--use-file-for-fake-audio-capture=${microphone}`]
  return chromium.launch({ executablePath, args })
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
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(AXE)
  const { violations } = await new AxeBuilder({ page, axeSource: NOTHING_MORE })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
}

// Left alone, the builder brings its longest text into the page twice for each look.
const builder = createRequire(import.meta.resolve('@axe-core/playwright'))
const AXE = readFileSync(builder.resolve('axe-core/axe.min.js'), 'utf8')
const NOTHING_MORE = 'void 0'
