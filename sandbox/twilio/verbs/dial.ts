import { complain } from '../documents.ts'
import { Leg } from '../leg.ts'
import type { Party } from '../party.ts'
import { Recording } from '../recording.ts'
import { isE164 } from '../sids.ts'
import { type StatusCallbackEvent, statusCallbackEvents } from '../status-callbacks.ts'
import type { CallStatus } from '../statuses.ts'
import { elementsOf, textOf, type XmlElement } from '../xml.ts'
import { recordingOptions } from './connect.ts'
import {
  addressIn,
  methodOf,
  numberOf,
  type Outcome,
  passTime,
  unlessInterrupted,
  type VerbContext,
} from './context.ts'

const RING_SECONDS = 30
const TIME_LIMIT_SECONDS = 14_400
const MAX_NUMBERS = 10
const nobody: Party = { attached: () => {}, hears: () => {}, ended: () => {} }

/** Rings the numbers together; the first to answer talks with the caller until one of them hangs up. */
export async function dial(cx: VerbContext, element: XmlElement): Promise<Outcome> {
  const children: Leg[] = []
  try {
    const why = refuse(cx, element)
    if (why) complain(cx.world, cx.leg, 13214, why)
    else for (const noun of numbersIn(element)) children.push(ring(cx, element, noun))
    const answered = await firstToAnswer(cx, children, numberOf(element, 'timeout', RING_SECONDS))
    for (const child of children) if (child !== answered) child.end('canceled', 'twiml')
    if (answered) await talk(cx, element, answered)
    return next(cx, element, answered ?? children[0], answered !== undefined)
  } finally {
    for (const child of children) child.end(child.isAnswered ? 'completed' : 'canceled', 'network')
  }
}

function refuse(cx: VerbContext, element: XmlElement): string | undefined {
  const { callerId } = element.attributes
  const isTheirs = callerId === undefined || callerId === cx.leg.from
  if (!isTheirs && !cx.world.numbers.findByNumber(callerId))
    return `The caller id ${callerId} is neither owned nor the caller's.`
  const numbers = numbersIn(element).map(textOf)
  if (numbers.length === 0) return 'There is no number to dial.'
  if (numbers.length > MAX_NUMBERS) return 'Too many numbers to dial at once.'
  const wrong = numbers.find((number) => !isE164(number))
  return wrong === undefined ? undefined : `${wrong} is not a number that can be dialled.`
}

function numbersIn(element: XmlElement): XmlElement[] {
  const nouns = elementsOf(element)
  if (nouns.length > 0) return nouns
  return textOf(element) ? [{ name: 'Number', attributes: {}, children: [textOf(element)] }] : []
}

function ring(cx: VerbContext, element: XmlElement, noun: XmlElement): Leg {
  const { world, leg } = cx
  const to = textOf(noun)
  const answer = world.answerOutbound(to)
  const isPerson = typeof answer !== 'string'
  const { statusCallback, statusCallbackEvent } = noun.attributes
  const events = (statusCallbackEvent ?? 'completed').split(' ')
  const child = new Leg(world, {
    from: element.attributes.callerId ?? leg.from,
    to,
    direction: 'outbound-dial',
    party: isPerson ? answer : nobody,
    parentCallSid: leg.callSid,
    timeLimitSeconds: numberOf(element, 'timeLimit', TIME_LIMIT_SECONDS),
    statusCallback: statusCallback
      ? {
          url: addressIn(cx, statusCallback),
          method: methodOf(noun, 'statusCallbackMethod'),
          events: statusCallbackEvents.filter((event: StatusCallbackEvent) =>
            events.includes(event),
          ),
        }
      : undefined,
  })
  child.callbacks.report('initiated')
  child.ring()
  if (answer === 'busy') child.end('busy', 'network')
  else if (isPerson) {
    const cancel = world.clock.after(answer.answersAfterMs ?? 200, () => child.answer())
    child.over.addEventListener('abort', cancel, { once: true })
  }
  return child
}

async function firstToAnswer(
  cx: VerbContext,
  children: Leg[],
  timeoutSeconds: number,
): Promise<Leg | undefined> {
  const { promise, resolve } = Promise.withResolvers<Leg | undefined>()
  const look = () => {
    const answered = children.find((child) => child.isAnswered)
    if (answered || children.every((child) => child.isOver)) resolve(answered)
  }
  const offs = children.map((child) => child.onEvent(look))
  look()
  const timeout = passTime(cx, timeoutSeconds * 1_000).then(() => undefined)
  try {
    const answered = await Promise.race([promise, timeout])
    if (!answered) for (const child of children) child.end('no-answer', 'network')
    return answered
  } finally {
    for (const off of offs) off()
    timeout.catch(() => undefined) // lost the race; its interruption is thrown by whoever waits next
  }
}

async function talk(cx: VerbContext, element: XmlElement, child: Leg): Promise<void> {
  const { leg } = cx
  leg.answer()
  const { record, hangupOnStar } = element.attributes
  const recording =
    record && record !== 'do-not-record'
      ? new Recording(cx.world, leg, {
          ...recordingOptions(cx, element),
          channels: record.endsWith('dual') ? 2 : 1,
          source: 'DialVerb',
        })
      : undefined
  leg.line.bridge(child.line)
  const off = leg.onEvent((event) => {
    if (hangupOnStar === 'true' && event.kind === 'dtmf' && event.digit === '*')
      child.end('completed', 'party')
  })
  try {
    await unlessInterrupted(cx.signal, over(child))
  } finally {
    off()
    leg.line.unbridge()
    recording?.stop()
  }
}

function over(leg: Leg): Promise<void> {
  if (leg.isOver) return Promise.resolve()
  return new Promise((resolve) => {
    leg.over.addEventListener('abort', () => resolve(), { once: true })
  })
}

function next(
  cx: VerbContext,
  element: XmlElement,
  child: Leg | undefined,
  wasAnswered: boolean,
): Outcome {
  const { action } = element.attributes
  if (!action) return 'next'
  const status: CallStatus = child?.status ?? 'failed'
  return {
    url: addressIn(cx, action),
    method: methodOf(element),
    params: {
      DialCallStatus: wasAnswered ? 'completed' : status,
      DialBridged: String(wasAnswered),
      ...(child ? { DialCallSid: child.callSid } : {}),
      ...(wasAnswered && child ? { DialCallDuration: String(child.durationSeconds) } : {}),
    },
  }
}
