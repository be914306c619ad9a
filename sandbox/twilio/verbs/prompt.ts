import { SILENCE } from '../../speech/mulaw.ts'
import { FRAME_BYTES } from '../../speech/utterance.ts'
import { complain } from '../documents.ts'
import { readWav } from '../wav.ts'
import { isWebAddress } from '../webhook.ts'
import { textOf, type XmlElement } from '../xml.ts'
import {
  addressIn,
  numberOf,
  type Outcome,
  passTime,
  unlessInterrupted,
  type VerbContext,
} from './context.ts'

const ERROR_TEXT = 'We are sorry. An application error has occurred. Goodbye.'
const NETWORK_VOICE = 'en-us/40/150'
const MAX_LOOPS = 1_000 // Twilio's meaning of loop="0"
const MAX_AUDIO_BYTES = 16 * 1024 * 1024
const GAP = new Uint8Array(3 * FRAME_BYTES).fill(SILENCE) // so that two prompts never melt into one
const FETCH_MS = 15_000

export async function say(cx: VerbContext, element: XmlElement): Promise<Outcome> {
  const language = element.attributes.language?.toLowerCase()
  const voice = language ? `${language}/40/150` : NETWORK_VOICE
  const { audio } = await unlessInterrupted(cx.signal, cx.world.book.say(textOf(element), voice))
  await playLoops(cx, audio, element)
  return 'next'
}

export async function play(cx: VerbContext, element: XmlElement): Promise<Outcome> {
  const address = addressIn(cx, textOf(element))
  if (element.attributes.digits !== undefined) {
    complain(cx.world, cx.leg, 12200, 'This stand-in does not play digits.')
    return 'next'
  }
  const audio = await unlessInterrupted(cx.signal, fetchAudio(address))
  if (audio) await playLoops(cx, audio, element)
  else complain(cx.world, cx.leg, 12300, 'There is no WAV to play at this address.', address)
  return 'next'
}

export async function pause(cx: VerbContext, element: XmlElement): Promise<Outcome> {
  await passTime(cx, numberOf(element, 'length', 1) * 1_000)
  return 'next'
}

export async function sayApplicationError(cx: VerbContext): Promise<void> {
  const { audio } = await cx.world.book.say(ERROR_TEXT, NETWORK_VOICE)
  await playOnce(cx, audio)
}

async function playLoops(cx: VerbContext, audio: Uint8Array, element: XmlElement): Promise<void> {
  const loops = numberOf(element, 'loop', 1) || MAX_LOOPS
  for (let i = 0; i < loops; i++) await playOnce(cx, audio)
}

/** Resolves when the person has heard the last of it; an interruption drops the rest. */
async function playOnce(cx: VerbContext, audio: Uint8Array): Promise<void> {
  const { playback } = cx.leg.line
  const { promise, resolve } = Promise.withResolvers<void>()
  playback.add(audio)
  playback.add(GAP)
  playback.mark(resolve)
  try {
    await unlessInterrupted(cx.signal, promise)
  } catch (error) {
    playback.clear()
    throw error
  }
}

async function fetchAudio(address: string): Promise<Uint8Array | undefined> {
  if (!isWebAddress(address)) return undefined
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(FETCH_MS) })
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (!response.ok || bytes.length > MAX_AUDIO_BYTES) return undefined
    return readWav(bytes)
  } catch {
    return undefined // an address that does not answer is complained about like one without audio
  }
}
