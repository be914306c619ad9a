import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { sign } from '../sandbox/twilio/signature.ts'
import { setStage } from '../scripts/demo/stage.ts'
import { type Stack, startStack } from '../scripts/stack.ts'
import type { Bench, Row } from './wallet.ts'

const CALLS_A_SECOND = 20
const SECONDS = 10
const DIALLED = 40 // calls, one after the other, for the time to the agent's first word
const LISTEN_MS = 1_000 // a caller who has heard nothing by then hears it too late
const CALL_MS = 30_000

/** How long a caller waits: for our TwiML under a rush of new calls, and for the agent's first audio. */
export const benches: Bench[] = [{ name: 'answer', run: runAnswer }]

async function runAnswer(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'voxcalls-bench-'))
  const stack = await startStack({ dataDir, ports: 'free', web: false })
  try {
    const { stage, seed } = await setStage(stack)
    await withoutAnnouncements(stack)
    // The stand-in renders a sentence once; the first caller would measure its voice.
    await firstAudioMs(stage)
    const audio: number[] = []
    for (let call = 0; call < DIALLED; call++) audio.push(await firstAudioMs(stage))
    const number = seed.organizations[0]?.number ?? ''
    const bare = await rush(() => fetch(`${stack.urls.gateways[0]}/livez`))
    const answers = await rush((index) => askForTwiml(stack, number, index))
    return [
      rowOf('TwiML for a new call, 20 a second, p99', p(answers, 0.99), p(bare, 0.99), 1_000),
      rowOf('answer to first agent audio, p95', p(audio, 0.95), p(bare, 0.95), 400),
    ]
  } finally {
    await stack.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** What is measured is the agent, not the sentence that is played before it. */
async function withoutAnnouncements(stack: Stack): Promise<void> {
  const client = new pg.Client({ connectionString: stack.databaseUrls.platform })
  const owner = new pg.Client({ connectionString: stack.databaseUrls.app })
  await Promise.all([client.connect(), owner.connect()])
  try {
    const { rows } = await client.query<{ id: string }>('select id from organizations')
    for (const { id } of rows)
      await owner.query(
        `begin; set local app.organization_id = '${id}';
         update organizations set announcement_enabled = false; commit`,
      )
  } finally {
    await Promise.all([client.end(), owner.end()])
  }
}

async function firstAudioMs(stage: Awaited<ReturnType<typeof setStage>>['stage']): Promise<number> {
  const callSid = await stage.sandbox.dial({
    from: `+1502555${1000 + Math.floor(Math.random() * 9000)}`,
    to: stage.number,
    script: [{ pause: LISTEN_MS }, { hangUp: true }],
  })
  const { log } = await stage.sandbox.ended(callSid, CALL_MS)
  const at = (kind: string) => log.find((event) => event.kind === kind)?.at
  const answered = at('answered')
  if (answered === undefined) throw new Error('the call was not answered')
  return (at('first-audio') ?? answered + LISTEN_MS) - answered
}

async function rush(ask: (index: number) => Promise<Response>): Promise<number[]> {
  const asked: Promise<number>[] = []
  for (let index = 0; index < CALLS_A_SECOND * SECONDS; index++) {
    asked.push(timed(() => ask(index)))
    await sleep(1_000 / CALLS_A_SECOND)
  }
  return Promise.all(asked)
}

async function timed(ask: () => Promise<Response>): Promise<number> {
  const from = performance.now()
  const response = await ask()
  const text = await response.text()
  if (!response.ok) throw new Error(`answered ${response.status}: ${text}`)
  return performance.now() - from
}

async function askForTwiml(stack: Stack, number: string, index: number): Promise<Response> {
  const url = `${stack.urls.voice}/twilio/voice`
  const form = {
    CallSid: `CA${randomBytes(16).toString('hex')}`,
    AccountSid: stack.environment.TWILIO_ACCOUNT_SID ?? '',
    From: `+1503555${String(index).padStart(4, '0')}`,
    To: number,
    CallStatus: 'ringing',
    Direction: 'inbound',
  }
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'x-twilio-signature': sign(stack.environment.TWILIO_AUTH_TOKEN ?? '', url, form) },
    body: new URLSearchParams(form),
  })
  return response
}

function p(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

const rowOf = (name: string, value: number, baseline: number, goalMs: number): Row => ({
  name,
  value,
  unit: 'ms',
  baseline,
  ratio: value / baseline,
  goal: `≤ ${goalMs} ms`,
  met: value <= goalMs,
})
