import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Context } from '#api/core/context.ts'
import { unavailable } from '#api/core/errors.ts'
import { aCallCentre, aLiveCall, setPrice } from '#api/domains/calls/testing.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import type { Turn } from '#contracts/transcripts'
import { handWoundClock } from './clock.ts'
import { PendingSpool } from './pending-spool.ts'
import { CallRecords } from './records.ts'
import { TimelineWriter } from './timeline-writer.ts'

const RETRY_MS = 1_000 // between two tries of a database that is away

let api: TestApi
let folder: string
beforeAll(async () => {
  api = await testApi()
  await setPrice(api)
})
afterAll(() => api?.close())
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'voxcalls-records-'))
  return () => rmSync(folder, { recursive: true, force: true })
})

const said = (seq: number, text: string): Turn => ({
  seq,
  speaker: 'customer',
  text,
  heard: 'heard',
  heardText: null,
  startMs: 0,
  endMs: 10,
})

/** The records of a running call, over a database that can be away. */
async function someRecords() {
  const call = await aLiveCall(api, await aCallCentre(api))
  const logged: string[] = []
  const shown = { committed: [] as string[], pending: [] as string[] }
  const clock = handWoundClock()
  let wallMs = Date.now()
  let isAway = false
  const note = (_fields: object, message: string) => void logged.push(message)
  const ctx: Context = {
    ...api.ctx,
    now: () => new Date(wallMs),
    log: Object.assign(Object.create(api.ctx.log), { error: note, warn: note }),
    database: {
      ...api.ctx.database,
      withOrganization: async (organizationId, work) => {
        if (isAway) throw unavailable(1)
        return await api.ctx.database.withOrganization(organizationId, work)
      },
    },
  }
  const records = new CallRecords(
    ctx,
    call,
    { spool: new PendingSpool(folder), timeline: new TimelineWriter(ctx), clock },
    {
      committed: (turns) => shown.committed.push(...turns.map(({ text }) => text)),
      pending: ({ text }) => shown.pending.push(text),
    },
  )
  return {
    call,
    records,
    logged,
    shown,
    goAway: () => void (isAway = true),
    comeBack: () => void (isAway = false),
    wait: () => clock.advance(RETRY_MS),
    setBack: (ms: number) => void (wallMs -= ms),
  }
}

test('a card number is masked before it waits on disk or is shown', async () => {
  const { call, records, shown, goAway, comeBack, wait } = await someRecords()
  goAway()
  for (const [seq, number] of ['4242 4242 4242 4242', '4242-4242-4242-4242'].entries())
    records.addTurn({ ...said(call.nextSeq + seq, `It is ${number}.`), heardText: number })
  await records.flush()
  expect(shown.pending).toHaveLength(2)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  const onDisk = files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(path.join(file.parentPath, file.name), 'utf8'))
  expect(onDisk).not.toEqual([])
  for (const text of [...onDisk, ...shown.pending]) expect(text).not.toContain('4242')
  comeBack()
  wait()
  expect(await records.flush()).toBe(true)
  for (const text of shown.committed) expect(text).not.toContain('4242')
})

test('a clock that is set back while the database is away does not hold up what waits', async () => {
  const { call, records, goAway, comeBack, wait, setBack } = await someRecords()
  goAway()
  records.addTurn(said(call.nextSeq, 'Good morning.'))
  expect(await records.flush()).toBe(false)
  setBack(3_600_000)
  comeBack()
  wait()
  expect(await records.flush()).toBe(true)
})

const turnsOf = async (callId: string) =>
  (
    await api.database.query<{ text: string }>(
      'admin',
      'select text from transcript_turns where call_id = $1 order by seq',
      [callId],
    )
  ).map(({ text }) => text)

const notesOf = (callId: string) =>
  api.database.query<{ kind: string; data: object }>(
    'admin',
    `select kind, data from call_events
      where call_id = $1 and (kind like 'tested.%' or kind like 'records.%') order by at, id`,
    [callId],
  )

test('while disk and database refuse, turns wait in memory, unshown; the disk is complained of once and tried again', async () => {
  const { call, records, logged, shown, goAway, comeBack, wait } = await someRecords()
  goAway()
  rmSync(folder, { recursive: true })
  records.addTurn(said(0, 'one'))
  expect(await records.flush()).toBe(false)
  records.addTurn(said(1, 'two'))
  wait()
  expect(await records.flush()).toBe(false)
  expect(logged).toEqual(['turns could not be kept on disk'])
  expect(shown).toEqual({ committed: [], pending: [] })

  mkdirSync(folder)
  wait()
  expect(await records.flush()).toBe(false)
  expect(shown.pending).toEqual(['one', 'two'])
  expect(readdirSync(folder)).toHaveLength(1)

  comeBack()
  wait()
  expect(await records.flush()).toBe(true)
  expect(await turnsOf(call.callId)).toEqual(['one', 'two'])
  expect(shown.committed).toEqual(['one', 'two'])
  expect(readdirSync(folder)).toEqual([])
})

test('a turn that a full disk refuses after others were kept is shown as soon as the disk takes it', async () => {
  const { records, shown, goAway, wait } = await someRecords()
  goAway()
  records.addTurn(said(0, 'one'))
  expect(await records.flush()).toBe(false)
  rmSync(folder, { recursive: true })
  records.addTurn(said(1, 'two'))
  wait()
  expect(await records.flush()).toBe(false)
  expect(shown.pending).toEqual(['one'])
  mkdirSync(folder)
  wait()
  expect(await records.flush()).toBe(false)
  expect(shown.pending).toEqual(['one', 'two'])
  expect(readdirSync(folder)).toHaveLength(1)
})

test('a turn or a note that the database refuses takes no others with it, and is told once', async () => {
  const { call, records, logged, shown } = await someRecords()
  records.addTurn(said(0, 'one'))
  records.addTurn(said(1, 'b\u0000d'))
  records.addTurn(said(2, 'three'))
  records.addNote('tested.good')
  records.addNote('tested.bad', { said: 'b\u0000d' })
  expect(await records.flush()).toBe(true)
  expect(await turnsOf(call.callId)).toEqual(['one', 'three'])
  expect(shown.committed).toEqual(['one', 'three'])
  expect(logged).toEqual(['records were refused'])
  expect(await notesOf(call.callId)).toEqual([
    { kind: 'tested.good', data: {} },
    { kind: 'records.refused', data: { what: 'turns', count: 1 } },
  ])
  expect(records.waiting).toBe(false)
})

test('nobody waits for the disk; what is said while it writes goes with the next write, and is shown after it', async () => {
  const { call, records, shown, goAway, comeBack, wait } = await someRecords()
  goAway()
  records.addTurn(said(0, 'one'))
  expect(await records.flush()).toBe(false)
  records.addTurn(said(1, 'two'))
  records.addTurn(said(2, 'three'))
  expect(shown.pending).toEqual(['one'])
  wait()
  expect(await records.flush()).toBe(false)
  expect(shown.pending).toEqual(['one', 'two', 'three'])
  const [file = ''] = readdirSync(folder)
  const kept = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { turns: Turn[] }
  expect(kept.turns.map(({ text }) => text)).toEqual(['one', 'two', 'three'])

  // The database is back before the disk is done: no file is left behind.
  comeBack()
  wait()
  records.addTurn(said(3, 'four'))
  expect(await records.flush()).toBe(true)
  expect(await turnsOf(call.callId)).toEqual(['one', 'two', 'three', 'four'])
  expect(readdirSync(folder)).toEqual([])
})
