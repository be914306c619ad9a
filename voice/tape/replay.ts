import { z } from 'zod'
import { Bridge } from '../bridge.ts'
import {
  type BridgeNotices,
  type BridgeSummary,
  type EndReason,
  endReasons,
} from '../bridge-types.ts'
import type { Clock } from '../clock.ts'
import { MemorySocket } from '../memory-socket.ts'
import type { WireSocket } from '../socket.ts'
import { noTape, tapeKind } from './format.ts'
import { agentAudio, customerAudio, customerMessage } from './media.ts'
import { TapeReader, type TapeRecord } from './reader.ts'

const MICROTASKS = 20 // more promises than stand between a connection and the bridge that acts on it
const TIMER_NUMBERS = 65_536
const STALLED_BYTES = Number.MAX_SAFE_INTEGER
const IS_BINARY = 1

const base64Audio = z.string().transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
const spoken = { reconnecting: base64Audio.optional(), farewell: base64Audio.optional() }
const setup = z.object({
  callId: z.string(),
  streamSid: z.string(),
  limits: z.record(z.string(), z.number()),
  ...spoken,
  takesText: z.boolean().default(false),
})
const reason = z.enum(endReasons)
const command = z.discriminatedUnion('command', [
  z.object({ command: z.literal('notice'), name: z.string(), audio: base64Audio }),
  z.object({ command: z.literal('notices'), ...spoken }),
  z.object({ command: z.literal('finish'), reason, audio: base64Audio.optional() }),
  z.object({ command: z.literal('end'), reason }),
])

export type Replay = {
  /** Messages that were sent to Twilio and to agents, then and now the same. */
  compared: number
  /** Where then and now part. */
  difference?: { to: 'twilio' | 'agent' | 'summary'; index: number; was: string; is: string }
  /** The tape misses records, so that a difference proves nothing. */
  isIncomplete: boolean
}

/**
 * Feeds a tape's inputs to a bridge of today, each at its recorded microsecond, and compares every byte it sends with
 * what was sent on the day.
 */
export async function replayCall(tape: string): Promise<Replay> {
  const reader = await TapeReader.open(tape)
  if (reader?.header.holds !== 'call') throw new Error('Not the tape of a call')
  const legs = new Map<number, Leg>()
  let last: { leg: Leg; record: TapeRecord } | undefined
  for await (const block of reader.blocks()) {
    for (const read of block.records()) {
      const record = { ...read, data: Buffer.from(read.data) }
      let leg = legs.get(record.call)
      if (!leg) legs.set(record.call, (leg = new Leg()))
      if (last) await last.leg.take(last.record, record)
      last = { leg, record }
    }
  }
  if (last) await last.leg.take(last.record, undefined)
  const all = [...legs.values()]
  const difference = all.map((leg) => leg.difference).find((found) => found !== undefined)
  return {
    compared: all.reduce((sum, leg) => sum + leg.compared, 0),
    isIncomplete: reader.isTorn || all.some((leg) => leg.isIncomplete),
    ...(difference && { difference }),
  }
}

/** Fires a timer when the tape says that it fired. */
class TapeClock implements Clock {
  now = 0
  #number = 0
  #timers = new Map<number, () => void>()

  nowMs(): number {
    return this.now
  }

  after(_ms: number, run: () => void) {
    const number = this.#number++ % TIMER_NUMBERS
    this.#timers.set(number, run)
    return { cancel: () => void this.#timers.delete(number) }
  }

  fire(number: number): void {
    const run = this.#timers.get(number)
    this.#timers.delete(number)
    run?.()
  }
}

/** One gateway's part of a call. */
class Leg {
  compared = 0
  difference: Replay['difference']
  isIncomplete = false
  #clock = new TapeClock()
  #twilio = new MemorySocket()
  #agent = new MemorySocket()
  #agentSent: string[] = []
  #bridge: Bridge | undefined
  #summary: BridgeSummary | undefined
  #connecting: PromiseWithResolvers<WireSocket> | undefined
  #initiation: object = {}
  #streamSid = ''
  #expected = { twilio: [] as string[], agent: [] as string[] }
  #heldSpeech: string[] = []
  #heldAudio: string[] = []

  async take(record: TapeRecord, next: TapeRecord | undefined): Promise<void> {
    if (this.difference) return
    this.#clock.now = record.atUs / 1_000
    if (record.kind === tapeKind.agentOpened && next?.kind === tapeKind.agentOut)
      this.#initiation = JSON.parse(next.data.toString('utf8')) as object
    this.#expect(record)
    this.#act(record)
    if (record.kind === tapeKind.agentOpened || record.kind === tapeKind.agentFailed)
      for (let turn = 0; turn < MICROTASKS; turn++) await Promise.resolve()
    this.#compare()
    if (record.kind === tapeKind.end) this.#compareSummary(record)
  }

  /** An output of the day. */
  #expect(record: TapeRecord): void {
    const { twilio, agent } = this.#expected
    switch (record.kind) {
      case tapeKind.twilioOut:
        twilio.push(record.data.toString('utf8'))
        break
      case tapeKind.agentOut:
        agent.push(record.data.toString('utf8'))
        break
      case tapeKind.customerSent:
        agent.push(userAudio(customerAudio(record)?.payload))
        break
      case tapeKind.customerHeld:
        this.#heldSpeech.push(userAudio(customerAudio(record)?.payload))
        break
      case tapeKind.customerHeldSent:
        agent.push(this.#heldSpeech.shift() ?? '')
        break
      case tapeKind.customerHeldDropped:
        this.#heldSpeech.shift()
        break
      case tapeKind.agentSent:
        twilio.push(this.#media(agentAudio(record.data)?.payload))
        break
      case tapeKind.agentHeld:
        this.#heldAudio.push(this.#media(agentAudio(record.data)?.payload))
        break
      case tapeKind.agentHeldSent:
        twilio.push(this.#heldAudio.shift() ?? '')
        break
      case tapeKind.agentHeldDropped:
        this.#heldAudio.shift()
        break
    }
  }

  /** An input of the day. */
  #act(record: TapeRecord): void {
    switch (record.kind) {
      case tapeKind.setup:
        this.#start(record.data)
        break
      case tapeKind.customerDropped:
        this.#agent.unsentBytes = STALLED_BYTES
        this.#bridge?.handleTwilio(customerMessage(record, this.#streamSid))
        this.#agent.unsentBytes = 0
        break
      case tapeKind.customerSent:
      case tapeKind.customerHeld:
        this.#bridge?.handleTwilio(customerMessage(record, this.#streamSid))
        break
      case tapeKind.twilioIn:
        this.#bridge?.handleTwilio(record.data, record.arg === IS_BINARY)
        break
      case tapeKind.twilioClosed:
        this.#twilio.drop(record.arg)
        break
      case tapeKind.agentDropped:
        this.#twilio.unsentBytes = STALLED_BYTES
        this.#agent.receiveBytes(record.data)
        this.#twilio.unsentBytes = 0
        break
      case tapeKind.agentSent:
      case tapeKind.agentHeld:
      case tapeKind.agentIn:
        this.#agent.receiveBytes(record.data)
        break
      case tapeKind.agentOpened:
        this.#agent = new MemorySocket()
        this.#agent.whenSent((text) => void this.#agentSent.push(text))
        this.#connecting?.resolve(this.#agent)
        break
      case tapeKind.agentFailed:
        this.#connecting?.reject(new Error('refused on the day'))
        break
      case tapeKind.agentClosed:
        this.#agent.drop(record.arg)
        break
      case tapeKind.timer:
        this.#clock.fire(record.arg)
        break
      case tapeKind.command:
        this.#command(record.data)
        break
      case tapeKind.gap:
        this.isIncomplete = true
        break
    }
  }

  #start(data: Buffer): void {
    const then = setup.parse(JSON.parse(data.toString('utf8')))
    this.#streamSid = then.streamSid
    this.#bridge = new Bridge({
      callId: then.callId,
      streamSid: then.streamSid,
      twilio: this.#twilio,
      clock: this.#clock,
      connectAgent: () => {
        this.#connecting = Promise.withResolvers()
        return this.#connecting.promise
      },
      initiation: () => this.#initiation,
      tape: noTape,
      limits: then.limits,
      takesText: then.takesText,
      notices: noticesIn(then),
      listener: {
        ready() {},
        turn() {},
        tentative() {},
        event() {},
        ended: (summary) => {
          this.#summary = summary
        },
      },
    })
    this.#bridge.start()
  }

  #command(data: Buffer): void {
    const then = command.parse(JSON.parse(data.toString('utf8')))
    if (then.command === 'notice') void this.#bridge?.playNotice(then.audio, then.name)
    else if (then.command === 'notices') this.#bridge?.takeNotices(noticesIn(then))
    else if (then.command === 'finish') this.#bridge?.finish(then.reason as EndReason, then.audio)
    else this.#bridge?.end(then.reason as EndReason)
  }

  /** The tape tells an output after its input, so what was sent may be ahead of what is expected, never behind. */
  #compare(): void {
    this.#compareSent('twilio', this.#twilio.sent, this.#expected.twilio)
    this.#compareSent('agent', this.#agentSent, this.#expected.agent)
  }

  #compareSent(to: 'twilio' | 'agent', sent: string[], expected: string[]): void {
    const count = Math.min(sent.length, expected.length)
    for (let index = 0; index < count; index++) {
      if (sent[index] === expected[index]) continue
      this.#differ(to, expected[index]!, sent[index]!)
      return
    }
    this.compared += count
    sent.splice(0, count)
    expected.splice(0, count)
  }

  #compareSummary(record: TapeRecord): void {
    if (this.#twilio.sent.length + this.#expected.twilio.length > 0)
      this.#differ('twilio', this.#expected.twilio[0] ?? '', this.#twilio.sent[0] ?? '')
    if (this.#agentSent.length + this.#expected.agent.length > 0)
      this.#differ('agent', this.#expected.agent[0] ?? '', this.#agentSent[0] ?? '')
    const then = record.data.toString('utf8')
    const now = JSON.stringify(this.#summary ?? null)
    if (then !== now) this.#differ('summary', then, now)
  }

  #differ(to: 'twilio' | 'agent' | 'summary', was: string, is: string): void {
    this.difference ??= { to, index: this.compared, was, is }
  }

  #media(payload: string | undefined): string {
    return `{"event":"media","streamSid":"${this.#streamSid}","media":{"payload":"${payload ?? ''}"}}`
  }
}

const noticesIn = ({
  reconnecting,
  farewell,
}: Partial<Record<keyof BridgeNotices, Uint8Array | undefined>>): BridgeNotices => ({
  ...(reconnecting && { reconnecting }),
  ...(farewell && { farewell }),
})
const userAudio = (payload: string | undefined): string => `{"user_audio_chunk":"${payload ?? ''}"}`
