import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createSigner } from '#api/core/signer.ts'
import { createLiveTicket as makeTicket } from '#api/domains/calls/live.ts'
import type { Person } from '#api/testing.ts'
import { createLiveTicket } from '#contracts/calls'
import { changeRole, listMembers, removeMember } from '#contracts/members'
import {
  ANSWER,
  aGateway,
  type GatewayBench,
  GREETING,
  type PlacedCall,
  QUESTION,
  RawSocket,
} from '../gateway-testing.ts'

const ORIGIN = 'http://localhost:3000'
const GONE_WITHIN_MS = 5_000 // THREATS T7

let bench: GatewayBench
let admin: Person
beforeAll(async () => {
  bench = await aGateway()
  admin = await bench.api.aHolderOf('admin', bench.centre.organizationId)
})
afterAll(() => bench?.close())

let call: PlacedCall
let callId: string
const viewers: RawSocket[] = []
beforeEach(async () => {
  call = await bench.dial([
    { hear: GREETING },
    { say: QUESTION },
    { hear: ANSWER },
    { waitForEnd: true },
  ])
  const idOf = async () =>
    (await bench.rows('select id, state from calls where twilio_call_sid = $1', [call.leg.callSid]))
      .filter(({ state }) => state === 'live')
      .map(({ id }) => String(id))[0]
  await expect.poll(idOf, { timeout: 5_000 }).toBeDefined()
  callId = (await idOf()) ?? ''
})
afterEach(async () => {
  for (const viewer of viewers.splice(0)) viewer.close()
  call.leg.hangUp()
  await expect.poll(() => bench.gateway.find(callId), { timeout: 5_000 }).toBeUndefined()
})

async function ticketFor(person: Person): Promise<string> {
  const answer = await bench.api.call(createLiveTicket, { params: { callId } }, person)
  expect(answer.statusCode).toBe(201)
  return String(answer.json().url)
}

async function open(url: string, headers: Record<string, string> = { origin: ORIGIN }) {
  const viewer = await RawSocket.open(url, headers)
  viewers.push(viewer)
  return viewer
}
async function memberOf(person: Person): Promise<{ memberId: string }> {
  const { items } = (await bench.api.call(listMembers, { query: {} }, admin)).json()
  const found = items.find((one: { userId: string }) => one.userId === person.userId)
  return { memberId: found.id }
}
const watch = async (person: Person, after?: number) =>
  open(`${await ticketFor(person)}${after === undefined ? '' : `&after=${after}`}`)
const closeCode = async (viewer: RawSocket) => (await viewer.closed).code
const ofType = (viewer: RawSocket, type: string) =>
  viewer.received.filter((message) => message.type === type)

test('a viewer gets a snapshot, then every turn after it was stored, then the end', async () => {
  const viewer = await watch(admin)
  const first = await viewer.until(({ type }) => type === 'snapshot')
  expect(first).toMatchObject({ callId, state: 'live' })
  const isAnswer = (message: Record<string, unknown>) =>
    message.type === 'turn' && (message.turn as { text: string }).text === ANSWER
  await viewer.until(isAnswer, 15_000)
  const stored = await bench.rows<{ seq: number; text: string }>(
    'select seq, text from transcript_turns where call_id = $1 order by seq',
    [callId],
  )
  const shown = ofType(viewer, 'turn').map((message) => message.turn as { seq: number })
  const before = first.turns as { seq: number }[]
  const seqs = new Set([...before, ...shown].map(({ seq }) => seq))
  expect(stored.map(({ text }) => text)).toEqual([GREETING, QUESTION, ANSWER])
  expect([...seqs].toSorted()).toEqual(stored.map(({ seq }) => seq))
  call.leg.hangUp()
  await viewer.until(({ type }) => type === 'ended')
  expect(await closeCode(viewer)).toBe(4410)
})

test('a ticket opens one socket; forged, foreign, expired and missing ones open none', async () => {
  const url = await ticketFor(admin)
  await (await open(url)).until(({ type }) => type === 'snapshot')
  expect(await closeCode(await open(url))).toBe(4409)

  const [address = '', ticket = ''] = url.split('?ticket=')
  const [text = '', signature = ''] = ticket.split('.')
  const richer = Buffer.from(
    JSON.stringify({ ...JSON.parse(Buffer.from(text, 'base64url').toString()), nonce: 'another' }),
  ).toString('base64url')
  const user = { userId: admin.userId, email: 'a@b.test', platformRole: null }
  const role = 'admin' as const
  const ctx = {
    ...bench.api.ctx,
    organizationId: bench.centre.organizationId,
    actor: {
      kind: 'user' as const,
      ...user,
      membership: { organizationId: bench.centre.organizationId, role },
    },
  }
  const old = await makeTicket({ ...ctx, now: () => new Date(Date.now() - 31_000) }, callId)
  const foreign = await makeTicket({ ...ctx, signer: createSigner('of somebody else') }, callId)
  for (const bad of [
    `${address}`,
    `${address}?ticket=`,
    `${address}?ticket=${'x'.repeat(3_000)}`,
    `${address}?ticket=${richer}.${signature}`,
    `${address}?ticket=${text}`,
    `${address}?ticket=${text}.${signature}&after=-1`,
    old.url,
    foreign.url,
  ])
    expect({ bad, code: await closeCode(await open(bad)) }).toEqual({ bad, code: 4401 })
})

test('a page of another origin is turned away and does not cost the ticket', async () => {
  const url = await ticketFor(admin)
  for (const origin of ['https://evil.test', 'null', 'http://localhost:3000.evil.test'])
    expect(await closeCode(await open(url, { origin }))).toBe(4401)
  expect(await closeCode(await open(url, {}))).toBe(4401)
  await (await open(url)).until(({ type }) => type === 'snapshot')
})

test('only who may listen gets a ticket, and only of the own organization’s calls', async () => {
  const seller = await bench.api.aHolderOf('sales_person', bench.centre.organizationId)
  const stranger = await bench.api.aHolderOf('admin')
  const ask = (person: Person) => bench.api.call(createLiveTicket, { params: { callId } }, person)
  expect((await ask(seller)).statusCode).toBe(403)
  expect((await ask(stranger)).statusCode).toBe(404)
})

test('what a call costs is shown to who may read the wallet, and to nobody else', async () => {
  const manager = await bench.api.aHolderOf('org_manager', bench.centre.organizationId)
  const [rich, poor] = [await watch(admin), await watch(manager)]
  await rich.until(({ type, costCents }) => type === 'meter' && Number(costCents) > 0)
  await poor.until(({ type }) => type === 'meter')
  const shown = poor.received.filter((message) => 'costCents' in message)
  expect(shown.length).toBeGreaterThan(1)
  expect(new Set(shown.map(({ costCents }) => costCents))).toEqual(new Set([null]))
})

test('a viewer that comes back with `after` gets what it missed, once, and no snapshot', async () => {
  const feed = bench.gateway.find(callId)?.feed
  const first = await watch(admin)
  const { sequence } = await first.until(({ type }) => type === 'snapshot')
  first.close()
  for (let n = 0; n < 3; n++) feed?.publish({ type: 'event', kind: 'missed', atMs: n, data: {} })
  const again = await watch(admin, Number(sequence))
  feed?.publish({ type: 'event', kind: 'live', atMs: 9, data: {} })
  await again.until(({ kind }) => kind === 'live')
  expect(ofType(again, 'snapshot')).toEqual([])
  const numbered = again.received.filter((message) => 'sequence' in message)
  const numbers = numbered.map((message) => Number(message.sequence))
  expect(numbers).toEqual(numbers.map((_, n) => Number(sequence) + 1 + n))
  expect(numbered.filter(({ kind }) => kind === 'missed')).toHaveLength(3)
  // A number of another stream, or one that was never given, starts anew.
  for (const after of [3, Number(sequence) + 1_000_000]) {
    const lost = await watch(admin, after)
    await lost.until(({ type }) => type === 'snapshot')
  }
})

test('a viewer that does not read is closed with 4408; others and the call notice nothing', async () => {
  const feed = bench.gateway.find(callId)?.feed
  const [slow, quick] = [await watch(admin), await watch(admin)]
  await slow.until(({ type }) => type === 'snapshot')
  const wire = (slow.socket as unknown as { _socket: Socket })._socket
  wire.pause()
  const data = { filler: 'x'.repeat(20_000) }
  let published = 0
  while ((feed?.viewers.length ?? 0) > 1 && published < 2_000) {
    feed?.publish({ type: 'event', kind: 'flood', atMs: ++published, data })
    await nextTurn()
  }
  wire.resume()
  expect(await closeCode(slow)).toBe(4408)
  await quick.until(({ kind, atMs }) => kind === 'flood' && atMs === published)
  expect(ofType(quick, 'event').filter(({ kind }) => kind === 'flood')).toHaveLength(published)
  await expect
    .poll(() => call.phone.heard.turns.map(({ kind, text }) => `${kind}: ${text}`), {
      timeout: 10_000,
    })
    .toEqual([`final: ${GREETING}`, `final: ${ANSWER}`])
  const back = await watch(admin, Number(slow.received.at(-1)?.sequence))
  feed?.publish({ type: 'event', kind: 'last', atMs: 0, data: {} })
  await back.until(({ kind }) => kind === 'last')
})

test('a member who is removed hears nothing more within five seconds', async () => {
  const manager = await bench.api.aHolderOf('org_manager', bench.centre.organizationId)
  const viewer = await watch(manager)
  await viewer.until(({ type }) => type === 'snapshot')
  const gone = await bench.api.call(removeMember, { params: await memberOf(manager) }, admin)
  expect(gone.statusCode).toBeLessThan(300)
  const removedAtMs = performance.now()
  const { code, atMs } = await viewer.closed
  expect(code).toBe(4401)
  expect(atMs - removedAtMs).toBeLessThan(GONE_WITHIN_MS)
})

test('an admin who becomes a manager goes on listening, without the cost, within five seconds', async () => {
  const other = await bench.api.aHolderOf('admin', bench.centre.organizationId)
  const viewer = await watch(other)
  await viewer.until(({ type, costCents }) => type === 'meter' && costCents !== null)
  const input = { params: await memberOf(other), body: { role: 'org_manager' as const } }
  const changed = await bench.api.call(changeRole, input, admin)
  expect(changed.statusCode).toBeLessThan(300)
  const hasNoCost = ({ type, costCents }: Record<string, unknown>) =>
    type === 'meter' && costCents === null
  await viewer.until(hasNoCost, GONE_WITHIN_MS)
  expect(viewer.socket.readyState).toBe(viewer.socket.OPEN)
})

test('one person has ten sockets, and a page may say nothing large on them', async () => {
  const mine = []
  for (let n = 0; n < 10; n++) mine.push(await watch(admin))
  expect(await closeCode(await watch(admin))).toBe(1013)
  mine[0]?.send('y'.repeat(2_000))
  expect(await closeCode(mine[0] as RawSocket)).toBe(1009)
  await expect.poll(() => bench.gateway.viewerCount).toBe(9)
  await (await watch(admin)).until(({ type }) => type === 'snapshot')
})

test('one organization has two hundred sockets, whoever of it opens them', async () => {
  const { organizationId } = bench.centre
  const people = await Promise.all(
    Array.from({ length: 21 }, () => bench.api.aHolderOf('org_manager', organizationId)),
  )
  const watchAs = async ({ userId }: Person) => {
    const membership = { organizationId, role: 'org_manager' as const }
    const user = { userId, email: 'a@b.test', platformRole: null, membership }
    const ctx = { ...bench.api.ctx, organizationId, actor: { kind: 'user' as const, ...user } }
    return open((await makeTicket(ctx, callId)).url)
  }
  const last = people.pop() as Person
  for (const person of people) await Promise.all(Array.from({ length: 10 }, () => watchAs(person)))
  await expect.poll(() => bench.gateway.viewerCount, { timeout: 10_000 }).toBe(200)
  expect(await closeCode(await watchAs(last))).toBe(1013)
  viewers[0]?.close()
  await expect.poll(() => bench.gateway.viewerCount, { timeout: 10_000 }).toBe(199)
  await (await watchAs(last)).until(({ type }) => type === 'snapshot')
}, 60_000)
