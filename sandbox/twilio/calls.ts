import { randomBytes } from 'node:crypto'
import type { Fallback, Source } from './documents.ts'
import { Leg } from './leg.ts'
import { type Party, silentPerson } from './party.ts'
import { Program } from './program.ts'
import { Recording, type RecordingOptions } from './recording.ts'
import type { StatusCallbackSettings } from './status-callbacks.ts'
import { type Method, sendWebhook } from './webhook.ts'
import type { World } from './world.ts'

export type OutboundCall = {
  from: string
  to: string
  phoneNumberSid: string
  source: Source
  fallback: Fallback
  statusCallback: StatusCallbackSettings | undefined
  ringSeconds: number
  timeLimitSeconds: number | undefined
  sendDigits: string
  /** Runs beside the call and tells its verdict. */
  machineDetection: { callback: { url: string; method: Method } | null } | undefined
  recording: RecordingOptions | undefined
}

const MAX_ENDED_LEGS = 500 // of which the log is kept
const MAX_TAPES = 100 // of which the audio is kept too
const QUEUE_MS = 20 // a call is placed a moment after it was accepted

/** Somebody calls one of our numbers. */
export function receiveCall(world: World, call: { from: string; to: string; party: Party }): Leg {
  const number = world.numbers.findByNumber(call.to)
  if (!number) throw new Error(`${call.to} is not a number of this account`)
  if (number.voiceApplicationSid || number.trunkSid)
    throw new Error(`${call.to} has an application or a trunk, which this stand-in does not have`)
  retire(world)
  const { statusCallback: url, statusCallbackMethod: method } = number
  const leg = new Leg(world, {
    ...call,
    direction: 'inbound',
    phoneNumberSid: number.sid,
    callToken: randomBytes(24).toString('base64url'),
    statusCallback: url ? { url, method, events: ['completed'] } : undefined,
  })
  leg.happened({ kind: 'ringing' })
  const fallback = number.voiceFallbackUrl
    ? { url: number.voiceFallbackUrl, method: number.voiceFallbackMethod }
    : undefined
  begin(world, leg, { url: number.voiceUrl, method: number.voiceMethod }, fallback)
  return leg
}

/** The product calls somebody. The leg goes from queued to ringing by itself. */
export function placeCall(world: World, call: OutboundCall): Leg {
  retire(world)
  const answer = world.answerOutbound(call.to)
  const leg = new Leg(world, {
    from: call.from,
    to: call.to,
    direction: 'outbound-api',
    party: typeof answer === 'string' ? silentPerson() : answer,
    phoneNumberSid: call.phoneNumberSid,
    statusCallback: call.statusCallback,
    ...(call.timeLimitSeconds === undefined ? {} : { timeLimitSeconds: call.timeLimitSeconds }),
  })
  leg.callbacks.report('initiated')
  const timers = [
    world.clock.after(QUEUE_MS, () => {
      leg.ring()
      if (answer === 'busy') leg.end('busy', 'network')
      if (typeof answer === 'string') return
      timers.push(
        world.clock.after(answer.answersAfterMs ?? 200, () => {
          leg.answer()
          if (call.recording) new Recording(world, leg, call.recording)
          sendDigits(leg, call.sendDigits)
          if (call.machineDetection) detectMachine(world, leg, call.machineDetection)
          begin(world, leg, call.source, call.fallback)
        }),
      )
    }),
    world.clock.after(call.ringSeconds * 1_000, () => {
      if (!leg.isAnswered) leg.end('no-answer', 'network')
    }),
  ]
  const stopTimers = () => {
    for (const cancel of timers) cancel()
  }
  leg.over.addEventListener('abort', stopTimers, { once: true })
  return leg
}

/** Other TwiML for a call that is running: the verb that runs stops at once. */
export function redirectCall(world: World, leg: Leg, source: Source): void {
  const program = world.programs.get(leg)
  if (program) void program.run(source)
  else begin(world, leg, source, undefined)
}

function begin(world: World, leg: Leg, source: Source, fallback: Fallback): void {
  const program = new Program(world, leg, fallback)
  world.programs.set(leg, program)
  void program.run(source)
}

function sendDigits(leg: Leg, digits: string): void {
  // The other side hears them; nobody there listens for keys, so they only show in the log.
  for (const digit of digits.replace(/[wW]/g, '')) leg.happened({ kind: 'sent-digit', digit })
}

const DETECTION_MS = 2_000 // a person says hello and waits; Twilio takes some four seconds on real lines

function detectMachine(
  world: World,
  leg: Leg,
  { callback }: NonNullable<OutboundCall['machineDetection']>,
): void {
  const cancel = world.clock.after(DETECTION_MS, () => {
    if (leg.isOver) return
    leg.answeredBy = leg.party.answeredBy ?? 'human'
    if (!callback) return
    const params = {
      CallSid: leg.callSid,
      AccountSid: leg.accountSid,
      AnsweredBy: leg.answeredBy,
      MachineDetectionDuration: String(DETECTION_MS),
    }
    void sendWebhook(world, callback.url, callback.method, params).then((answer) =>
      leg.happened({
        kind: 'webhook',
        url: callback.url,
        status: answer.kind === 'answered' ? answer.status : answer.kind,
      }),
    )
  })
  leg.over.addEventListener('abort', cancel, { once: true })
}

function retire(world: World): void {
  const ended = [...world.legs.values()].filter((leg) => leg.isOver)
  const kept = new Set([...world.recordings.values()].map((recording) => recording.leg))
  for (const leg of ended.slice(0, -MAX_TAPES)) if (!kept.has(leg)) leg.line.tape.forget()
  for (const leg of ended.slice(0, -MAX_ENDED_LEGS)) {
    world.legs.delete(leg.callSid)
    for (const recording of world.recordings.values())
      if (recording.leg === leg) world.recordings.delete(recording.sid)
  }
}
