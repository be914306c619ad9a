import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getAgent, getVersion } from '#contracts/agents'
import { getCall } from '#contracts/calls'
import { getTranscript } from '#contracts/transcripts'
import { listLedgerEntries } from '#contracts/wallet'
import { joinTheatre, signIn, sweep, type Theatre } from './browser.ts'
import { until } from './steps.ts'

const ANSWER_MS = 30_000 // a draft is taken to ElevenLabs first
const DRAFT_GREETING = 'Good day, this is the draft that nobody has published.'
const QUESTION = 'How much is a cleaning?'

let theatre: Theatre
let page: Page
beforeAll(async () => {
  theatre = await joinTheatre('test-call')
  page = await theatre.open({ permissions: ['microphone'] })
  await signIn(page, theatre.stack.urls.web, theatre.personOf('admin'))
})
afterAll(() => theatre?.close())

const agentId = () => theatre.seed.organizations[0]?.agentId ?? ''
const panel = () => page.getByRole('region', { name: 'Test call' })
const transcript = () => panel().getByRole('log', { name: 'What is said' })

/** Hangs up, follows the link, and gives back the call once it is paid. */
async function hangUpAndOpen() {
  await panel().getByRole('button', { name: 'Hang up' }).click()
  await panel().getByRole('link', { name: 'Open the call' }).click()
  await page.waitForURL(/\/calls\/[0-9a-f-]{36}/)
  const callId = /calls\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? ''
  return await until(async () => {
    const call = await theatre.api(getCall, { params: { callId } })
    return call.state === 'settled' ? call : undefined
  }, 'a settled call')
}

test('an admin changes the first message, types to the draft, and the published agent is as it was', async () => {
  const before = await theatre.api(getAgent, { params: { agentId: agentId() } })
  await page.goto(`${theatre.stack.urls.web}/agents/${agentId()}`)
  await page.getByLabel('First message').fill(DRAFT_GREETING)
  await panel().getByText('Your changes are saved first').waitFor()
  await panel().getByRole('button', { name: 'Type instead' }).click()
  await transcript().getByText(DRAFT_GREETING).waitFor({ timeout: ANSWER_MS })
  await panel().getByLabel('Say something').fill(QUESTION)
  await page.keyboard.press('Enter')
  await transcript()
    .getByText(/answered after [\d,]+ ms/)
    .waitFor({ timeout: ANSWER_MS })
  await sweep(page)

  const call = await hangUpAndOpen()
  expect(call).toMatchObject({ kind: 'test', reason: 'caller_hung_up', vendorSeconds: null })
  expect(call.costCents).toBeGreaterThan(0)
  const params = { callId: call.id }
  const { turns } = await theatre.api(getTranscript, { params })
  expect(turns.slice(0, 2).map(({ speaker, text }) => `${speaker}: ${text}`)).toEqual([
    `agent: ${DRAFT_GREETING}`,
    `customer: ${QUESTION}`,
  ])
  const lines = await theatre.api(listLedgerEntries, { query: { callId: call.id } })
  expect(lines.items.find(({ kind }) => kind === 'capture')?.amountCents).toBe(call.costCents)

  const after = await theatre.api(getAgent, { params: { agentId: agentId() } })
  expect(after.draft.firstMessage).toBe(DRAFT_GREETING)
  expect(after.published).toEqual(before.published)
  expect(after.elevenLabsAgentId).toBe(before.elevenLabsAgentId)
  const published = await theatre.api(getVersion, {
    params: { agentId: agentId(), number: after.publishedVersion ?? 0 },
  })
  expect(published.spec.firstMessage).toBe(before.draft.firstMessage)
})

test('by voice the draft is heard over the browser’s own telephone', async () => {
  await page.goto(`${theatre.stack.urls.web}/agents/${agentId()}`)
  await panel().getByRole('button', { name: 'Call from the browser' }).click()
  await transcript().getByText(DRAFT_GREETING).waitFor({ timeout: ANSWER_MS })
  const call = await hangUpAndOpen()
  const { turns } = await theatre.api(getTranscript, { params: { callId: call.id } })
  // Its mark came back from the loudspeaker: it was played to its end.
  expect(turns[0]).toMatchObject({ speaker: 'agent', text: DRAFT_GREETING, heard: 'heard' })
  expect(theatre.complaints).toEqual([])
})
