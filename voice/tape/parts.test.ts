import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MediaShape } from '../twilio/frames.ts'
import { IN_PARTS } from './format.ts'
import { customerAudio, customerMessage } from './media.ts'
import { packMedia } from './parts.ts'

const STREAM_SID = `MZ${'a'.repeat(32)}`
const OTHER_SID = `MZ${'b'.repeat(32)}`

const messageOf = (parts: {
  sequence?: string
  chunk?: string
  stamp?: string
  payload?: string
  track?: string
  sid?: string
}) =>
  Buffer.from(
    `{"event":"media","sequenceNumber":"${parts.sequence ?? '3'}","media":{"track":"${parts.track ?? 'inbound'}",` +
      `"chunk":"${parts.chunk ?? '2'}","timestamp":"${parts.stamp ?? '20'}","payload":"${parts.payload ?? 'abcd'}"},` +
      `"streamSid":"${parts.sid ?? STREAM_SID}"}`,
  )

describe("a caller's frame in parts", () => {
  test('gives the message back to the byte, whatever the message was', () => {
    const shape = new MediaShape(STREAM_SID)
    const number = fc.oneof(
      fc.nat().map(String),
      fc.nat({ max: 999 }).map((value) => String(value).padStart(3, '0')),
      fc.maxSafeNat().map((value) => String(value % 1e15)),
    )
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255) })
    let regular = 0
    let odd = 0
    fc.assert(
      fc.property(
        fc.record({
          sequence: number,
          chunk: number,
          stamp: number,
          payload: fc.base64String({ minLength: 4, maxLength: 1_200 }),
          sid: fc.constantFrom(STREAM_SID, STREAM_SID, OTHER_SID),
        }),
        fc.array(change, { maxLength: 1 }),
        (parts, changes) => {
          const message = messageOf(parts)
          for (const { at, byte } of changes) message[at % message.length] = byte
          if (!shape.read(message) || !shape.isRegular) {
            odd++
            return
          }
          regular++
          const record = { arg: IN_PARTS, data: packMedia(shape, message) }
          expect(customerMessage(record, STREAM_SID)).toEqual(message)
          expect(customerAudio(record)).toEqual(customerAudio({ arg: 0, data: message }))
        },
      ),
      { numRuns: 2_000 },
    )
    expect(regular).toBeGreaterThan(100)
    expect(odd).toBeGreaterThan(100)
  })

  test('is a good deal shorter than the message of twenty milliseconds', () => {
    const shape = new MediaShape(STREAM_SID)
    const message = messageOf({ payload: Buffer.alloc(160, 0x31).toString('base64') })
    expect(shape.read(message)).toBe(true)
    expect(packMedia(shape, message).length).toBe(228)
  })

  test.each([
    ['a number with a zero before it', messageOf({ sequence: '03' })],
    ['a number of more than 32 bits', messageOf({ stamp: '4294967296' })],
    ["the agent's track", messageOf({ track: 'outbound' })],
    ['another stream', messageOf({ sid: OTHER_SID })],
  ])('is not made of %s', (_, message) => {
    const shape = new MediaShape(STREAM_SID)
    expect(shape.read(message)).toBe(true)
    expect(shape.isRegular).toBe(false)
  })

  test('holds every number of 32 bits', () => {
    const shape = new MediaShape(STREAM_SID)
    const message = messageOf({ sequence: '4294967295', chunk: '0', stamp: '4294967295' })
    expect(shape.read(message) && shape.isRegular).toBe(true)
    const record = { arg: IN_PARTS, data: packMedia(shape, message) }
    expect(customerMessage(record, STREAM_SID)).toEqual(message)
  })
})
