import { z } from 'zod'
import { Lane } from '../audio/lane.ts'
import { BYTES_PER_MS } from '../audio/mulaw.ts'
import { MediaTimeline } from '../audio/timeline.ts'
import { writeStereoWav } from '../audio/wav.ts'
import { tapeKind } from './format.ts'
import { agentAudio, customerAudio } from './media.ts'
import { TapeReader, type TapeRecord } from './reader.ts'

const LONGEST_MS = 4 * 3_600_000 // Twilio ends a call after four hours
const MAX_PEAKS = 2_000 // more than a screen has columns
const PEAK_MS = 20 // and never finer than a frame

export type HeardSpan = {
  /** Absent for our own notices and fillers. */
  eventId?: number
  fromMs: number
  /** Where it ended for the caller. */
  toMs: number
  /** Where it would have ended. */
  plannedToMs: number
  heard: 'heard' | 'cut' | 'never_played'
}

export type RenderedCall = {
  durationMs: number
  /** Loudness in equal stretches, 0 to 1. */
  peaks: { stretchMs: number; customer: number[]; agent: number[] }
  /** What was sent to the caller, in order, and what became of it. */
  spans: HeardSpan[]
  isTorn: boolean
}

const outgoing = z.object({
  event: z.string(),
  media: z.object({ payload: z.string() }).optional(),
})

/** Makes the recording of a call from its tape: caller left, agent and notices right, as the caller heard them. */
export async function renderCall(tape: string, wav: string): Promise<RenderedCall> {
  const reader = await TapeReader.open(tape)
  if (reader?.header.holds !== 'call') throw new Error('Not the tape of a call')
  const recording = new Recording()
  for await (const block of reader.blocks())
    for (const record of block.records()) recording.take(record)
  recording.finish()
  const { durationMs } = recording
  await writeStereoWav(wav, recording.left.bytes, recording.right.bytes, durationMs * BYTES_PER_MS)
  return {
    durationMs,
    peaks: recording.peaks(),
    spans: recording.spans.map(rounded),
    isTorn: reader.isTorn,
  }
}

class Recording {
  readonly left = new Lane(LONGEST_MS)
  readonly right = new Lane(LONGEST_MS)
  readonly spans: HeardSpan[] = []
  #timeline = new MediaTimeline()
  #leg = -1
  /** Where the present leg's media timeline begins in the recording. */
  #legMs = 0
  #firstStampMs = 0
  #firstMediaMs = -1
  #nowMs = 0
  #endsAtMs = 0
  #lengthMs = 0
  #held: { payload: string; eventId: number }[] = []
  /** Index of the first span that may still be playing. */
  #playing = 0

  get durationMs(): number {
    return Math.min(Math.ceil(this.#lengthMs), LONGEST_MS)
  }

  take(record: TapeRecord): void {
    if (record.call !== this.#leg) this.#nextLeg(record.call)
    this.#nowMs = record.atUs / 1_000
    switch (record.kind) {
      case tapeKind.customerSent:
      case tapeKind.customerHeld:
      case tapeKind.customerDropped:
        this.#customer(record)
        break
      case tapeKind.agentSent:
        this.#agent(agentAudio(record.data))
        break
      case tapeKind.agentHeld: {
        const held = agentAudio(record.data)
        if (held) this.#held.push(held)
        break
      }
      case tapeKind.agentHeldSent:
        this.#agent(this.#held.shift())
        break
      case tapeKind.agentHeldDropped:
        this.#held.shift()
        break
      case tapeKind.twilioOut:
        this.#own(record.data)
        break
      case tapeKind.twilioClosed:
      case tapeKind.end:
        this.finish()
        break
    }
  }

  /** The stream is gone: what it had not played is not heard. */
  finish(): void {
    if (this.#firstMediaMs < 0) return
    this.#clear()
    this.#lengthMs = Math.max(this.#lengthMs, this.#atMs)
  }

  peaks(): RenderedCall['peaks'] {
    const { durationMs } = this
    const count = Math.min(MAX_PEAKS, Math.ceil(durationMs / PEAK_MS))
    const samples = durationMs * BYTES_PER_MS
    return {
      stretchMs: count === 0 ? 0 : durationMs / count,
      customer: this.left.peaks(samples, count),
      agent: this.right.peaks(samples, count),
    }
  }

  get #atMs(): number {
    return this.#legMs + this.#timeline.at(this.#nowMs)
  }

  #nextLeg(leg: number): void {
    this.finish()
    this.#leg = leg
    this.#timeline = new MediaTimeline()
    this.#held = []
  }

  #customer(record: TapeRecord): void {
    const frame = customerAudio(record)
    if (!frame) return
    const audio = Buffer.from(frame.payload, 'base64')
    if (!this.#timeline.started) {
      if (this.#firstMediaMs < 0) this.#firstMediaMs = this.#nowMs
      this.#legMs = this.#nowMs - this.#firstMediaMs
      this.#firstStampMs = frame.stampMs
    }
    const durationMs = audio.length / BYTES_PER_MS
    if (!this.#timeline.frame(frame.stampMs, durationMs, this.#nowMs)) return
    const atMs = this.#legMs + frame.stampMs - this.#firstStampMs
    this.left.put(audio, atMs)
    this.#lengthMs = Math.max(this.#lengthMs, atMs + durationMs)
  }

  #agent(chunk: { payload: string; eventId: number } | undefined): void {
    if (chunk) this.#play(Buffer.from(chunk.payload, 'base64'), chunk.eventId)
  }

  #own(data: Buffer): void {
    const sent = outgoing.parse(JSON.parse(data.toString('utf8')))
    if (sent.event === 'clear') this.#clear()
    else if (sent.media) this.#play(Buffer.from(sent.media.payload, 'base64'))
  }

  /** Twilio plays what it has in order and without pause. */
  #play(audio: Buffer, eventId?: number): void {
    const fromMs = Math.max(this.#atMs, this.#endsAtMs)
    const toMs = fromMs + audio.length / BYTES_PER_MS
    this.right.put(audio, fromMs)
    this.#endsAtMs = toMs
    const last = this.spans.at(-1)
    if (last && last.eventId === eventId && last.toMs === fromMs && last.heard === 'heard') {
      last.toMs = toMs
      last.plannedToMs = toMs
      return
    }
    const span: HeardSpan = { fromMs, toMs, plannedToMs: toMs, heard: 'heard' }
    this.spans.push(eventId === undefined ? span : { eventId, ...span })
  }

  #clear(): void {
    const atMs = this.#atMs
    if (atMs >= this.#endsAtMs) return
    this.right.cut(atMs, this.#endsAtMs)
    this.#endsAtMs = atMs
    for (; this.#playing < this.spans.length; this.#playing++) {
      const span = this.spans[this.#playing]!
      if (span.toMs <= atMs) continue
      span.heard = span.fromMs >= atMs ? 'never_played' : 'cut'
      span.toMs = Math.max(span.fromMs, atMs)
    }
  }
}

function rounded(span: HeardSpan): HeardSpan {
  return {
    ...span,
    fromMs: Math.round(span.fromMs),
    toMs: Math.round(span.toMs),
    plannedToMs: Math.round(span.plannedToMs),
  }
}
