import { afterAll, beforeAll, expect, test } from 'vitest'
import { aCallSid } from '#api/domains/calls/testing.ts'
import { mediaFrame } from './bridge-testing.ts'
import {
  aGateway,
  type GatewayBench,
  type RawSocket,
  startFrame,
  streamParameters,
  VOICE_ID,
  voiceParams,
} from './gateway-testing.ts'

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway()
})
afterAll(() => bench?.close())

async function aCentreThatSays(text: string) {
  const centre = await bench.aCentre()
  await say(centre.organizationId, text)
  return { centre, params: voiceParams(centre, aCallSid()) }
}
const say = (organizationId: string, text: string) =>
  bench.rows(
    'update organizations set announcement_enabled = true, announcement_text = $2 where id = $1',
    [organizationId, text],
  )

async function aStream(callSid: string, parameters: Record<string, string>): Promise<RawSocket> {
  const socket = await bench.openMedia()
  socket.send(startFrame({ callSid, ...parameters }))
  socket.send(mediaFrame(0, 0xff))
  return socket
}
const announcementsOf = async (callSid: string) => {
  const notes = await bench.rows<{ data: object }>(
    `select e.data from call_events e join calls c on c.id = e.call_id
     where c.twilio_call_sid = $1 and e.kind = 'announcement' order by e.at`,
    [callSid],
  )
  return notes.map(({ data }) => data)
}
const streamIsOver = (callId = '') => expect.poll(() => bench.gateway.find(callId)).toBeUndefined()

test('what the carrier said before the stream is on the call’s timeline', async () => {
  const { params } = await aCentreThatSays('Calls are recorded, said the carrier.')
  const { body } = await bench.post('/twilio/voice', params)
  expect(body).toContain('<Say>Calls are recorded, said the carrier.</Say><Connect>')
  const socket = await aStream(params.CallSid, streamParameters(body))
  await expect
    .poll(() => announcementsOf(params.CallSid))
    .toEqual([{ outcome: 'heard', by: 'carrier' }])
  socket.close()
})

test('an announcement that another gateway had at hand is made by the one that has the stream', async () => {
  const { centre, params } = await aCentreThatSays('Said elsewhere.')
  const { body } = await bench.post('/twilio/voice', params)
  await say(centre.organizationId, 'Calls are recorded, said here.')
  expect(bench.notices.find(VOICE_ID, 'Calls are recorded, said here.')).toBeUndefined()
  const given = { ...streamParameters(body), announced: 'not_yet' }
  const socket = await aStream(params.CallSid, given)
  const { mark } = await socket.until(({ event }) => event === 'mark')
  socket.send({ event: 'mark', streamSid: `MZ${'b'.repeat(32)}`, mark })
  await expect.poll(() => announcementsOf(params.CallSid)).toEqual([{ outcome: 'heard' }])
  socket.close()
})

test('where it cannot be made the stream is given back, and the carrier says it', async () => {
  const { centre, params } = await aCentreThatSays('Said elsewhere.')
  const { body } = await bench.post('/twilio/voice', params)
  const text = 'Calls are recorded, which no voice can say.'
  await say(centre.organizationId, text)
  const { id } = bench.faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    path: '/v1/text-to-speech',
    times: 999,
    action: { type: 'status', status: 503 },
  })
  try {
    const given = { ...streamParameters(body), announced: 'not_yet' }
    const socket = await aStream(params.CallSid, given)
    expect((await socket.closed).code).toBe(1011)
    const again = await bench.post('/twilio/resume', params)
    expect(again.body).toContain(`<Say>${text}</Say><Connect>`)
    const second = await aStream(params.CallSid, streamParameters(again.body))
    await expect
      .poll(() => announcementsOf(params.CallSid))
      .toEqual([{ outcome: 'heard', by: 'carrier' }])
    second.close()
  } finally {
    bench.faults.remove(id)
  }
})

test('an announcement that broke off with its stream is said anew, one that was heard is not', async () => {
  const text = 'Calls are recorded, as far as I know.'
  const { params } = await aCentreThatSays(text)
  await bench.notices.warm(VOICE_ID, text)
  const { body } = await bench.post('/twilio/voice', params)
  const first = streamParameters(body)
  expect(first.announced).toBe('not_yet')
  const socket = await aStream(params.CallSid, first)
  await socket.until(({ event }) => event === 'media')
  socket.close()
  await streamIsOver(first.callId)

  const again = await bench.post('/twilio/resume', params)
  expect(again.body).toContain(`<Say>${text}</Say><Connect>`)
  const second = await aStream(params.CallSid, streamParameters(again.body))
  await expect.poll(() => bench.gateway.find(first.callId ?? '')).toBeDefined()
  second.close()
  await streamIsOver(first.callId)

  const third = (await bench.post('/twilio/resume', params)).body
  expect(third).not.toContain('<Say>')
  expect(streamParameters(third).announced).toBe('earlier')
})
