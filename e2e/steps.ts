import pg from 'pg'
import type { Page } from 'playwright-core'
import { expect, vi } from 'vitest'
import { z } from 'zod'
import { sweep } from './browser.ts'
import type { Place } from './theatre.ts'

const WITHIN_MS = 60_000 // what is waited for takes a second or two; a busy machine may need longer
const POLL_MS = 250

/** Looks until there is something to see. */
export const until = <T>(look: () => Promise<T | undefined>, what: string): Promise<T> =>
  vi.waitFor(
    async () => {
      const seen = await look()
      if (seen === undefined) throw new Error(`never came: ${what}`)
      return seen
    },
    { timeout: WITHIN_MS, interval: POLL_MS },
  )

/** How a screen is looked at: both themes, wide and narrow. */
export const LOOKS = [
  ['dark, on a phone', { colorScheme: 'dark' as const, viewport: { width: 390, height: 800 } }],
  ['light', { colorScheme: 'light' as const, viewport: { width: 1280, height: 800 } }],
] as const

/** Opens each address: once its data is there, axe finds nothing in any look and nothing is wider than the window. */
export async function sweepAll(page: Page, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    await opened(page, address)
    for (const [look, options] of LOOKS) {
      await page.setViewportSize(options.viewport)
      await page.emulateMedia({ colorScheme: options.colorScheme })
      await sweepOne(page, `${address}, ${look}`)
    }
  }
}

/** As `sweepAll`, in the look the page was opened in. */
export async function sweepEach(page: Page, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    await opened(page, address)
    await sweepOne(page, address)
  }
}

async function opened(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await page.getByRole('heading', { level: 1 }).waitFor()
  const loading = page.getByRole('status', { name: /^Loading/ }).first()
  await loading.waitFor({ state: 'detached' })
}

async function sweepOne(page: Page, what: string): Promise<void> {
  await sweep(page)
  const overflow = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  expect(overflow, what).toBeLessThanOrEqual(0)
}

const mails = z.array(z.object({ subject: z.string(), text: z.string() }))

/** The newest mail to somebody whose subject fits, as the sandbox's inbox holds it. */
function mailTo(stack: Place, to: string, subject: RegExp): Promise<string> {
  const inbox = `${stack.urls.sandbox}/sandbox/mail?to=${encodeURIComponent(to)}`
  return until(
    async () => mails.parse(await getJson(inbox)).find((mail) => subject.test(mail.subject))?.text,
    `a mail to ${to}`,
  )
}

export const inviteLink = async (stack: Place, to: string): Promise<string> => {
  const text = await mailTo(stack, to, /invite/i)
  const [link] = /http\S+\/invite#[\w-]+/.exec(text) ?? []
  if (!link) throw new Error(`no link in the mail: ${text}`)
  return link
}

/** The sign-up page, however one came to it: address, password, and the code from the mail. */
export async function fillSignUp(
  page: Page,
  stack: Place,
  person: { email: string; password: string },
): Promise<void> {
  await page.locator('input[name=emailAddress]').fill(person.email)
  await page.locator('input[name=password]:not([disabled]):visible').fill(person.password)
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  const [code = ''] = /\b\d{6}\b/.exec(await mailTo(stack, person.email, /your code/)) ?? []
  const box = page.locator('input[autocomplete="one-time-code"]')
  await box.waitFor()
  await box.focus()
  await page.keyboard.type(code, { delay: 30 })
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-up'))
}

/** What only three days bring about: the invitation of an address expires. */
export async function expireInvitation(stack: Place, email: string): Promise<void> {
  const { platform, owner } = stack.databaseUrls
  const [found] = await ask(platform, [
    'select organization_id from invitations where email = $1',
    [email],
  ])
  await ask(
    owner,
    ["select set_config('app.organization_id', $1, false)", [found?.organization_id]],
    [
      `update invitations set expires_at = now() - interval '1 minute', created_at = created_at - interval '4 days'
        where email = $1`,
      [email],
    ],
  )
}

/** A job whose tries are used up, as the queue keeps it. */
export async function failJob(
  stack: Place,
  queue: string,
  data: object,
  error: string,
): Promise<void> {
  await ask(stack.databaseUrls.owner, [
    `insert into jobs.job (name, data, source_name, source_id, source_created_on, source_retry_count, source_output)
     values ('dead-letters', $1, $2, gen_random_uuid(), now(), 4, $3)`,
    [JSON.stringify(data), queue, JSON.stringify({ error })],
  ])
}

/** Statements of one session; the rows of the last. */
async function ask(url: string, ...statements: [string, unknown[]][]) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const [text, values] of statements) ({ rows } = await client.query(text, values))
    return rows
  } finally {
    await client.end()
  }
}

const hooks = z.array(
  z.object({ path: z.string(), body: z.object({ body: z.record(z.string(), z.unknown()) }) }),
)

/** What the customer's own system in the sandbox was told at one of its addresses. */
export async function toldTo(stack: Place, path: string): Promise<Record<string, unknown>[]> {
  const journal = `${stack.urls.sandbox}/sandbox/journal?vendor=customer&path=${encodeURIComponent(path)}`
  return hooks.parse(await getJson(journal)).map((entry) => entry.body.body)
}

const numbers = z.object({
  incoming_phone_numbers: z.array(z.object({ sid: z.string(), phone_number: z.string() })),
})

/** Somebody with the platform's Twilio password sends a number's calls elsewhere. */
export async function pointElsewhere(stack: Place, e164: string, voiceUrl: string): Promise<void> {
  const {
    TWILIO_BASE_URL: baseUrl,
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: token,
  } = stack.environment
  const place = `${baseUrl}/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers`
  const authorization = `Basic ${Buffer.from(`${accountSid}:${token}`).toString('base64')}`
  const listed = await fetch(`${place}.json?PhoneNumber=${encodeURIComponent(e164)}`, {
    headers: { authorization },
  })
  const found = numbers.parse(await listed.json()).incoming_phone_numbers
  const sid = found.find(({ phone_number }) => phone_number === e164)?.sid
  const changed = await fetch(`${place}/${sid}.json`, {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams({ VoiceUrl: voiceUrl }),
  })
  if (!changed.ok) throw new Error(`Twilio's stand-in answered ${changed.status}`)
}

/** A caller who speaks first and then stays on the line. */
export const STAYS = [
  { hear: 'can I', timeoutMs: 60_000 },
  { say: 'How much is a cleaning?' },
  { waitForEnd: true, timeoutMs: 300_000 },
] as const

export const hangUp = (stack: Place, callSid: string): Promise<Response> =>
  fetch(`${stack.urls.sandbox}/sandbox/calls/${callSid}/hangup`, { method: 'POST' })

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return response.json()
}
