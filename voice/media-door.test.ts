import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { handWoundClock } from './clock.ts'
import { startFrame } from './gateway-testing.ts'
import { MediaDoor } from './media-door.ts'
import { MemorySocket } from './memory-socket.ts'
import type { Verdict } from './twilio/gate.ts'

const CALL_ID = '0199c0de-0000-7000-8000-000000000001'

function aDoor(verify: () => Promise<Verdict>, take: () => void = () => {}) {
  const told: unknown[] = []
  const checks: string[] = []
  const door = new MediaDoor({
    clock: handWoundClock(1_000),
    config: {
      twilio: { accountSid: 'AC1', authToken: 'token', baseUrl: null },
      publicVoiceUrl: 'http://voice.test',
      publicWebUrl: 'http://web.test',
      mediaSockets: 'own',
    },
    gateway: {
      verifyStream: verify,
      openStream: () => take,
      dropStream: () => {},
      carriers: { find: async () => null },
    },
    ctx: { log: { error: (fields: unknown) => void told.push(fields) } },
    refused: (check) => void checks.push(check),
  })
  return { door, told, checks }
}
const request = () => new IncomingMessage(new Socket())
const aStart = startFrame({ callSid: `CA${'1'.repeat(32)}`, callId: CALL_ID })
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('a verification that fails by our own fault is logged once, with its call and cause', async () => {
  const cause = new Error('the database went away')
  const { door, told, checks } = aDoor(() => Promise.reject(cause))
  const socket = new MemorySocket()
  door.open(socket, request(), '/twilio/media')
  socket.receive(aStart)
  await settled()
  expect(told).toEqual([{ err: cause, callId: CALL_ID }])
  expect(checks).toEqual(['media_verify_failed'])
  expect(socket.closed).toMatchObject({ code: 1011 })
})

test('a stream that nobody may open is refused without a word in the log', async () => {
  const { door, told, checks } = aDoor(async () => '4401')
  const socket = new MemorySocket()
  door.open(socket, request(), '/twilio/media')
  socket.receive(aStart)
  await settled()
  expect(told).toEqual([])
  expect(checks).toEqual(['media_unauthorized'])
})
