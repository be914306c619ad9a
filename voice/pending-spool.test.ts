import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type RunningCall, resumeCall } from '#api/domains/calls/service.ts'
import { aCallCentre, aLiveCall, setPrice, takeStream } from '#api/domains/calls/testing.ts'
import { recordTurns, recoverTurns } from '#api/domains/transcripts/service.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import type { Turn } from '#contracts/transcripts'
import { recoverPending } from './pending-recovery.ts'
import { PendingSpool } from './pending-spool.ts'

let api: TestApi
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'voxcalls-pending-'))
  api = await testApi()
  await setPrice(api)
})
afterAll(async () => {
  await api?.close()
  rmSync(folder, { recursive: true, force: true })
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

async function aCallOnTwoGateways() {
  const centre = await aCallCentre(api)
  const first = await aLiveCall(api, centre)
  await recordTurns(api.ctx, first, [said(first.nextSeq, 'stored before the database went')])
  const { twilioCallSid } = first
  const { twilioAccountSid } = centre
  const { resumed } = await resumeCall(api.ctx, { twilioCallSid, twilioAccountSid })
  if (!resumed) throw new Error('the call was not resumed')
  const second = await takeStream(api, { ...resumed, twilioCallSid }, 'gateway-b')
  if (typeof second === 'string') throw new Error(second)
  return { first, second }
}

test('turns that a dead gateway had on disk fall into place before those of its successor', async () => {
  const { first, second } = await aCallOnTwoGateways()
  const { organizationId, callId, epoch } = first
  const call = { organizationId, callId, epoch, createdAt: first.createdAt.toISOString() }
  const pending = new PendingSpool(folder)
  await pending.keep({ ...call, turns: [said(first.nextSeq + 1, 'one')] })
  await pending.keep({
    ...call,
    turns: [said(first.nextSeq + 1, 'one'), said(first.nextSeq + 2, 'two')],
  })
  // The successor's first words are stored before the dead one's disk is read.
  await recordTurns(api.ctx, second, [said(second.nextSeq, 'of the successor')])

  const nextLife = new PendingSpool(folder)
  expect([...nextLife.leftovers]).toEqual([`${callId}.${epoch}.json`])
  for (const name of [...nextLife.leftovers, ...nextLife.leftovers]) {
    const left = nextLife.readLeftover(name)
    await recoverTurns(api.ctx, { ...left, createdAt: new Date(left.createdAt) }, left.turns)
  }
  for (const name of nextLife.leftovers) nextLife.dropLeftover(name)
  const stored = await api.database.query<{ text: string }>(
    'admin',
    'select text from transcript_turns where call_id = $1 order by seq',
    [callId],
  )
  expect(stored.map(({ text }) => text)).toEqual([
    'stored before the database went',
    'one',
    'two',
    'of the successor',
  ])
  expect(readdirSync(folder)).toEqual([])
})

test('what this life writes is no leftover of an earlier one, and half a file is none either', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'voxcalls-pending-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(path.join(folder, 'x.1.json.new'), '{"half":')
  const pending = new PendingSpool(folder)
  const call = {
    organizationId: crypto.randomUUID(),
    callId: crypto.randomUUID(),
    epoch: 2,
    createdAt: new Date(0).toISOString(),
    turns: [],
  }
  await pending.keep(call)
  expect([...pending.leftovers]).toEqual([])
  await pending.drop(call)
  expect(readdirSync(folder)).toEqual(['x.1.json.new'])
})

test('a file that can never be stored is set aside and holds up no other', async () => {
  const { first, second } = await aCallOnTwoGateways()
  const broken = 'aaaa.1.json'
  writeFileSync(path.join(folder, broken), '{"half":')
  const earlier = new PendingSpool(folder)
  const left = (call: RunningCall, turns: Turn[]) =>
    earlier.keep({ ...call, createdAt: call.createdAt.toISOString(), turns })
  await left(first, [
    said(first.nextSeq + 1, 'b\u0000d'),
    said(first.nextSeq + 2, 'after the bad one'),
  ])
  await left(second, [said(second.nextSeq, 'of the successor')])

  const nextLife = new PendingSpool(folder)
  expect(await recoverPending(api.ctx, nextLife)).toBe(2)
  const stored = await api.database.query<{ text: string }>(
    'admin',
    'select text from transcript_turns where call_id = $1 order by seq',
    [first.callId],
  )
  expect(stored.map(({ text }) => text)).toEqual([
    'stored before the database went',
    'after the bad one',
    'of the successor',
  ])
  expect(nextLife.leftovers.size).toBe(0)
  expect(nextLife.depth).toBe(0)
  expect(nextLife.setAsideCount).toBe(2)
  expect(new PendingSpool(folder).leftovers.size).toBe(0)
})
