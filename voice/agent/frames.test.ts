import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AudioShape } from './frames.ts'
import { parseAgentMessage } from './messages.ts'

const payload = fc
  .uint8Array({ minLength: 1, maxLength: 4_000 })
  .map((bytes) => Buffer.from(bytes).toString('base64'))

const typeFirst = (audio: string, id: number) =>
  `{"type":"audio","audio_event":{"audio_base_64":"${audio}","event_id":${id}}}`
const typeLast = (audio: string, id: number) =>
  `{"audio_event":{"audio_base_64":"${audio}","event_id":${id}},"type":"audio"}`
const aligned = (audio: string, id: number) =>
  `{"type":"audio","audio_event":{"audio_base_64":"${audio}","event_id":${id},"alignment":{"chars":["\\""]}}}`

describe('the shape of an audio message', () => {
  test.each([
    ['with its type first', typeFirst],
    ['with its type last', typeLast],
    ['with an alignment', aligned],
  ])('is recognised %s', (_, write) => {
    const shape = new AudioShape()
    fc.assert(
      fc.property(payload, fc.nat(), (audio, id) => {
        const data = Buffer.from(write(audio, id))
        expect(shape.read(data)).toBe(true)
        expect(data.toString('latin1', shape.payloadStart, shape.payloadEnd)).toBe(audio)
        expect(shape.eventId).toBe(id)
      }),
    )
  })

  test('never says anything else than JSON.parse says, whatever bytes are changed', () => {
    const shape = new AudioShape()
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255) })
    let recognised = 0
    fc.assert(
      fc.property(payload, fc.nat(), fc.array(change, { maxLength: 3 }), (audio, id, changes) => {
        const data = Buffer.from(typeFirst(audio, id))
        for (const { at, byte } of changes) data[at % data.length] = byte
        if (!shape.read(data)) return
        const slow = parseAgentMessage(data)
        if (!slow || !('message' in slow)) return
        recognised++
        expect(slow.message).toEqual({
          type: 'audio',
          audio_event: {
            audio_base_64: data.toString('latin1', shape.payloadStart, shape.payloadEnd),
            event_id: shape.eventId,
          },
        })
      }),
      { numRuns: 2_000 },
    )
    expect(recognised).toBeGreaterThan(100)
  })

  test.each([
    [
      'the event id comes first',
      '{"type":"audio","audio_event":{"event_id":1,"audio_base_64":"AAAA"}}',
    ],
    [
      'the event id is no integer',
      '{"type":"audio","audio_event":{"audio_base_64":"AAAA","event_id":1.5}}',
    ],
    [
      'the event id is missing',
      '{"type":"audio","audio_event":{"audio_base_64":"AAAA","event_id":}}',
    ],
    [
      'it is of another type',
      '{"audio_event":{"audio_base_64":"AAAA","event_id":1},"type":"video"}',
    ],
    ['a quote in the audio is escaped', typeFirst('AA\\"A', 1)],
    ['it is cut short', typeFirst('AAAA', 1).slice(0, 50)],
  ])('is not recognised when %s', (_, text) => {
    expect(new AudioShape().read(Buffer.from(text))).toBe(false)
  })
})

describe('a message read the slow way', () => {
  const read = (message: unknown) => parseAgentMessage(Buffer.from(JSON.stringify(message)))

  test('is counted by its type when we do not act upon it', () => {
    expect(read({ type: 'vad_score', vad_score_event: { vad_score: 0.87 } })).toEqual({
      counted: 'vad_score',
    })
    expect(read({ type: 'x'.repeat(300) })).toEqual({ counted: 'x'.repeat(64) })
  })

  test('is counted as malformed when a known type lacks its fields', () => {
    expect(read({ type: 'interruption', interruption_event: {} })).toEqual({
      counted: 'malformed interruption',
    })
  })

  test('is none when it is no object with a type', () => {
    for (const message of [null, 7, [], {}, { type: 3 }]) expect(read(message)).toBeUndefined()
    expect(parseAgentMessage(Buffer.from('{'))).toBeUndefined()
  })

  test('never throws, whatever arrives', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          const data = Buffer.from(bytes)
          new AudioShape().read(data)
          parseAgentMessage(data)
        },
      ),
    )
  })
})
