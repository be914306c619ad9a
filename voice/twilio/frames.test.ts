import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MediaShape, markName, parseTwilioFrame, TwilioWriter } from './frames.ts'

const STREAM = `MZ${'a'.repeat(32)}`

const mediaText = (parts: {
  seq: number
  chunk: number
  stamp: number
  payload: string
  track?: string
}) =>
  `{"event":"media","sequenceNumber":"${parts.seq}","media":{"track":"${parts.track ?? 'inbound'}","chunk":"${parts.chunk}",` +
  `"timestamp":"${parts.stamp}","payload":"${parts.payload}"},"streamSid":"${STREAM}"}`

const payload = fc
  .uint8Array({ minLength: 1, maxLength: 400 })
  .map((bytes) => Buffer.from(bytes).toString('base64'))
const parts = fc.record({ seq: fc.nat(), chunk: fc.nat(), stamp: fc.nat(), payload })

describe('the shape of a media frame', () => {
  test('is recognised in every frame that Twilio writes, with its payload and its stamp', () => {
    const shape = new MediaShape()
    fc.assert(
      fc.property(parts, fc.constantFrom('inbound', 'outbound'), (frame, track) => {
        const data = Buffer.from(mediaText({ ...frame, track }))
        expect(shape.read(data)).toBe(true)
        expect(data.toString('latin1', shape.payloadStart, shape.payloadEnd)).toBe(frame.payload)
        expect(shape.timestampMs).toBe(frame.stamp)
        expect(shape.outbound).toBe(track === 'outbound')
      }),
    )
  })

  test('never says anything else than JSON.parse says, whatever bytes of a frame are changed', () => {
    const shape = new MediaShape()
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255) })
    let recognised = 0
    fc.assert(
      fc.property(parts, fc.array(change, { maxLength: 3 }), (frame, changes) => {
        const data = Buffer.from(mediaText(frame))
        for (const { at, byte } of changes) data[at % data.length] = byte
        if (!shape.read(data)) return
        recognised++
        const text = data.toString('utf8', shape.payloadStart, shape.payloadEnd)
        expect(text).not.toMatch(/"|\\$/)
        const json = parsed(data)
        if (json) expect(json.media.payload).toBe(JSON.parse(`"${text}"`))
      }),
      { numRuns: 2_000 },
    )
    expect(recognised).toBeGreaterThan(100)
  })

  test.each([
    [
      'a quote in the payload is escaped',
      mediaText({ seq: 1, chunk: 1, stamp: 5, payload: 'ab\\"cd' }),
    ],
    ['the payload is empty', mediaText({ seq: 1, chunk: 1, stamp: 5, payload: '' })],
    ['keys come in another order', `{"media":{"payload":"AAAA"},"event":"media"}`],
    ['the payload key stands in another object', `{"event":"media","x":{"payload":"AAAA"}}`],
    [
      'something follows the frame',
      `${mediaText({ seq: 1, chunk: 1, stamp: 5, payload: 'AAAA' })} `,
    ],
    ['it is cut short', mediaText({ seq: 1, chunk: 1, stamp: 5, payload: 'AAAA' }).slice(0, 90)],
    [
      'a number has no digits',
      mediaText({ seq: 1, chunk: 1, stamp: 5, payload: 'AAAA' }).replace('"5"', '""'),
    ],
    [
      'a number is too long to be exact',
      mediaText({ seq: 1, chunk: 1, stamp: 5, payload: 'AAAA' }).replace(
        '"5"',
        `"${'9'.repeat(16)}"`,
      ),
    ],
    ['it is empty', ''],
  ])('is not recognised when %s', (_, text) => {
    expect(new MediaShape().read(Buffer.from(text))).toBe(false)
  })
})

describe('a frame read the slow way', () => {
  test('gives what the fast way gives', () => {
    const shape = new MediaShape()
    fc.assert(
      fc.property(parts, (frame) => {
        const data = Buffer.from(mediaText(frame))
        const slow = parseTwilioFrame(data)
        expect(shape.read(data)).toBe(true)
        expect(slow).toMatchObject({
          event: 'media',
          media: {
            payload: data.toString('latin1', shape.payloadStart, shape.payloadEnd),
            timestamp: shape.timestampMs,
          },
        })
      }),
    )
  })

  test('is told apart by its event', () => {
    const read = (frame: object) => parseTwilioFrame(Buffer.from(JSON.stringify(frame)))
    expect(read({ event: 'connected', protocol: 'Call', version: '1.0.0' })).toMatchObject({
      event: 'connected',
    })
    expect(read({ event: 'mark', sequenceNumber: '4', mark: { name: '7.1' } })).toMatchObject({
      mark: { name: '7.1' },
    })
    expect(read({ event: 'dtmf', dtmf: { track: 'inbound_track', digit: '#' } })).toMatchObject({
      dtmf: { digit: '#' },
    })
    expect(read({ event: 'stop', stop: {} })).toEqual({ event: 'stop' })
    expect(read({ event: 'novelty' })).toEqual({ event: 'unknown', name: 'novelty' })
  })

  test.each([
    ['no JSON', '{"event":'],
    ['no object', '"media"'],
    ['without an event', '{}'],
    ['a key that no phone has', '{"event":"dtmf","dtmf":{"digit":"55"}}'],
    [
      'a payload that is no base64',
      '{"event":"media","media":{"timestamp":"1","payload":"a\\"b"}}',
    ],
    ['a start of another format', '{"event":"start","streamSid":"MZ","start":{}}'],
  ])('is refused when it is %s', (_, text) => {
    expect(parseTwilioFrame(Buffer.from(text))).toBeUndefined()
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
          new MediaShape().read(data)
          parseTwilioFrame(data)
        },
      ),
    )
  })
})

describe('the name of a mark that comes back', () => {
  test('is what JSON.parse gives, whatever the name, or is left to it', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const data = Buffer.from(
          JSON.stringify({ event: 'mark', sequenceNumber: '4', streamSid: STREAM, mark: { name } }),
        )
        const isPlain =
          Buffer.byteLength(name) === name.length && JSON.stringify(name).length === name.length + 2
        if (isPlain) expect(markName(data)).toBe(name)
        else if (JSON.stringify(name).includes('\\')) expect(markName(data)).toBeUndefined()
      }),
    )
  })

  test.each([
    '{"event":"mark","mark":{}}',
    '{"event":"mark","mark":{"name":"',
    '{"event":"media"}',
    '',
  ])('is left to JSON.parse in %s', (text) => {
    expect(markName(Buffer.from(text))).toBeUndefined()
  })
})

test('the frames we write are the JSON that Twilio reads', () => {
  const writer = new TwilioWriter(STREAM)
  const audio = new Uint8Array([255, 0, 127])
  expect(JSON.parse(writer.media(audio))).toEqual({
    event: 'media',
    streamSid: STREAM,
    media: { payload: Buffer.from(audio).toString('base64') },
  })
  expect(JSON.parse(writer.mark('7."1'))).toEqual({
    event: 'mark',
    streamSid: STREAM,
    mark: { name: '7."1' },
  })
  expect(JSON.parse(writer.clear)).toEqual({ event: 'clear', streamSid: STREAM })
})

function parsed(data: Buffer): { media: { payload: string } } | undefined {
  try {
    return JSON.parse(data.toString('utf8')) as { media: { payload: string } }
  } catch {
    return undefined
  }
}
