import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { type callSummary, listCalls } from '#contracts/calls'
import { getTranscript } from '#contracts/transcripts'
import type { ApiClient } from '../api-client.ts'
import { setStage } from '../demo/stage.ts'
import type { SandboxClient } from '../sandbox-client.ts'
import type { Stack } from '../stack.ts'
import { verifyInvariants } from '../verify-invariants.ts'
import { keepCalling, type Placed } from './callers.ts'
import { allServe, type Kill, killAtRandom, randomFrom } from './killer.ts'
import { type Shown, watchCalls } from './watcher.ts'

export type Verdict = {
  kills: Kill[]
  calls: number
  /** Calls whose caller could ask everything. */
  whole: number
  /** Why the others could not, and how often. */
  cutShort: Record<string, number>
  /** Media streams over all calls beyond the first of each: callers that were taken over. */
  resumed: number
  /** Times that the agent's speech came with a pause in it. */
  gaps: number
  turnsShown: number
  recorded: number
  /** Calls that were live for less than one interval of the tape before their gateway was killed. */
  tooShortToRecord: number
  settledAfterSeconds: number
  problems: string[]
}

const SETTLED_WITHIN_MS = 60_000 // THREATS F4
const BACK_WITHIN_MS = 30_000
const LOOK_MS = 500
// The tape survives a kill up to its last interval (voice/tape/spool.ts); a write may take as long on a busy disk.
const TAPED_AFTER_MS = 500

type CallItem = z.output<typeof callSummary>

/** What the stack has to be told: here one person looks at more than a person can. */
export const environment = { RATE_LIMITS: 'user=6000,organization=12000' }

/** Calls, kills and watches for a while; then holds what is left to the promises. */
export async function killTest(
  stack: Stack,
  options: { calls: number; seconds: number; seed: number; say(line: string): void },
): Promise<Verdict> {
  const { stage } = await setStage(stack)
  const { sandbox, api } = stage
  const calling = new AbortController()
  const killing = new AbortController()
  const watching = new AbortController()
  const origin = new URL(stack.urls.web).origin
  const shown = watchCalls(api, { origin, until: watching.signal })
  const kills = killAtRandom(stack, randomFrom(options.seed), {
    until: killing.signal,
    say: options.say,
  })
  const placed = keepCalling(sandbox, {
    number: stage.number,
    calls: options.calls,
    until: calling.signal,
  })
  // Whoever fails first ends the run; the others are told to stop all the same.
  const time = sleep(options.seconds * 1000)
  try {
    await Promise.race([time, shown.then(() => time), kills.then(() => time), placed])
  } finally {
    calling.abort()
  }
  const done = await placed
  killing.abort()
  const killed = await kills
  options.say(`the last of ${done.length} calls is over`)
  const endedMs = performance.now()
  await allServe(stack, BACK_WITHIN_MS)
  const unsettled = await untilSettled(api, endedMs)
  const settledAfterSeconds = (performance.now() - endedMs) / 1000
  await untilRecorded(api, killed, endedMs)
  watching.abort()
  const items = await allCalls(api)
  const missing = unrecorded(items)
  const found = await verifyInvariants(stack.environment)
  const left = await leftWhenIdle(stack.dataDir, endedMs)
  return {
    kills: killed,
    calls: items.length,
    whole: done.filter(({ phone }) => phone.script?.why === undefined).length,
    cutShort: cutShort(done),
    resumed: resumedOf(done),
    gaps: damageOf(done).filter(isGap).length,
    turnsShown: [...(await shown).values()].reduce((sum, turns) => sum + turns.size, 0),
    recorded: items.filter(({ hasRecording }) => hasRecording).length,
    tooShortToRecord: missing.filter((call) => isTooShort(call, killed)).length,
    settledAfterSeconds,
    problems: [
      ...unsettled.map(({ id, state }) => `call ${id} is still ${state} 60 s after the last one`),
      ...found.findings.map((one) => `verify: ${one.check}: ${one.subject}: ${one.problem}`),
      ...(await missingTurns(api, await shown)),
      ...(await ghosts(sandbox)),
      ...corrupted(done),
      ...missing
        .filter((call) => !isTooShort(call, killed))
        .map(({ id }) => `call ${id} went live and has no recording`),
      ...left,
    ],
  }
}

function cutShort(placed: readonly Placed[]): Record<string, number> {
  const whys = placed.flatMap(({ phone }) => phone.script?.why?.split(';')[0] ?? [])
  return Object.fromEntries(
    [...Map.groupBy(whys, (why) => why)].map(([why, times]) => [why, times.length]),
  )
}

async function untilSettled(api: ApiClient, endedMs: number): Promise<CallItem[]> {
  for (;;) {
    const open = (await allCalls(api)).filter(({ state }) => state !== 'settled')
    if (open.length === 0 || performance.now() - endedMs > SETTLED_WITHIN_MS) return open
    await sleep(LOOK_MS)
  }
}

async function untilRecorded(
  api: ApiClient,
  kills: readonly Kill[],
  endedMs: number,
): Promise<void> {
  while (performance.now() - endedMs < SETTLED_WITHIN_MS) {
    if (unrecorded(await allCalls(api)).every((call) => isTooShort(call, kills))) return
    await sleep(LOOK_MS)
  }
}

async function allCalls(api: ApiClient): Promise<CallItem[]> {
  const items: CallItem[] = []
  let cursor: string | null = null
  do {
    const query = { limit: 100, ...(cursor && { cursor }) }
    const page: { items: CallItem[]; nextCursor: string | null } = await api(listCalls, { query })
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor)
  return items
}

/** Whatever was shown to anybody must stand in the transcript, under its number. */
async function missingTurns(api: ApiClient, shown: Shown): Promise<string[]> {
  const problems: string[] = []
  for (const [callId, turns] of shown) {
    const stored = await api(getTranscript, { params: { callId } })
    const bySeq = new Map(stored.turns.map((turn) => [turn.seq, turn]))
    for (const [seq, { speaker, texts, by }] of turns) {
      const kept = bySeq.get(seq)
      const who = [...by].join(' and ')
      if (!kept)
        problems.push(
          `call ${callId}: turn ${seq} "${texts.at(-1)}" was shown by ${who} and is gone`,
        )
      else if (kept.speaker !== speaker || !texts.includes(kept.text))
        problems.push(
          `call ${callId}: turn ${seq} was shown by ${who} as "${texts.at(-1)}" and is now "${kept.text}"`,
        )
    }
  }
  return problems
}

async function ghosts(sandbox: SandboxClient): Promise<string[]> {
  const { liveLegs } = await sandbox.status()
  return liveLegs > 0 ? [`${liveLegs} calls still run at the carrier`] : []
}

type Damage = { callSid: string; text: string; note: string; firstBadMs: number }

const damageOf = (placed: readonly Placed[]): Damage[] =>
  placed.flatMap(({ callSid, phone }) =>
    phone.heard.flatMap(({ kind, whole, damage }) => {
      if (kind !== 'damaged') return []
      const { note = 'nothing like it was ever said', firstBadMs = 0 } = damage ?? {}
      return [{ callSid, text: whole ?? '?', note, firstBadMs }]
    }),
  )

/** A pause inside an utterance: what comes after it begins in the middle, or stands a little later. */
const isGap = ({ note, firstBadMs }: Damage): boolean =>
  note.startsWith('inserted') || (note.startsWith('lost') && firstBadMs === 0)

/** A kill, or a machine that cannot keep up, may tear speech apart; it may not change or shorten what is heard. */
const corrupted = (placed: readonly Placed[]): string[] =>
  damageOf(placed)
    .filter((one) => !isGap(one))
    .map(
      ({ callSid, text, note, firstBadMs }) =>
        `call ${callSid}: "${text}" reached the caller changed: ${note}, first at ${firstBadMs} ms`,
    )

const unrecorded = (items: readonly CallItem[]): CallItem[] =>
  items.filter(
    ({ liveAt, durationSeconds, hasRecording }) => liveAt && durationSeconds && !hasRecording,
  )

/** Nothing of it had to be on disk yet when its gateway was killed, and no other one took it over. */
function isTooShort({ liveAt, reason }: CallItem, kills: readonly Kill[]): boolean {
  if (!liveAt || reason !== 'owner_lost') return false
  const liveMs = liveAt.getTime()
  return kills.some(({ name, at }) => {
    const passedMs = at.getTime() - liveMs
    return name.startsWith('voice-') && passedMs >= 0 && passedMs < TAPED_AFTER_MS
  })
}

const resumedOf = (placed: readonly Placed[]): number =>
  placed.reduce((sum, { phone }) => {
    const streams = phone.log.filter(({ kind }) => kind === 'stream-open').length
    return sum + Math.max(0, streams - 1)
  }, 0)

/** A call that moved is gathered at each of its gateways; the second may still be at it, and finds it known. */
async function leftWhenIdle(dataDir: string, endedMs: number): Promise<string[]> {
  for (;;) {
    const left = leftOnDisk(dataDir)
    if (left.length === 0 || performance.now() - endedMs > SETTLED_WITHIN_MS) return left
    await sleep(LOOK_MS)
  }
}

function leftOnDisk(dataDir: string): string[] {
  const filesIn = (name: string) => {
    const folder = join(dataDir, name)
    return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
  }
  return [
    ...filesIn('pending')
      .filter((name) => name.endsWith('.json'))
      .map((name) => `turns wait on disk in ${name} although the database is there`),
    ...filesIn('archiving')
      .filter((name) => /\.(wav|tape)$/.test(name))
      .map((name) => `a call's speech was left in ${name}`),
  ]
}
