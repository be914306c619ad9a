import type { Source } from '../documents.ts'
import type { Leg } from '../leg.ts'
import type { Method } from '../webhook.ts'
import type { World } from '../world.ts'
import type { XmlElement } from '../xml.ts'

export type VerbContext = {
  world: World
  leg: Leg
  /** The address the document came from; relative addresses start there. */
  base: string | undefined
  /** Aborted when the verb is to stop at once: the call is over, or other TwiML replaces this. */
  signal: AbortSignal
}

/** What comes after a verb: the next one, another document, or nothing. */
export type Outcome = 'next' | 'hang-up' | Source

export type Verb = (cx: VerbContext, element: XmlElement) => Promise<Outcome>

export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** The promise, unless the verb is interrupted first. */
export async function unlessInterrupted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  if (signal.aborted) throw new Interrupted()
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  const stop = () => reject(new Interrupted())
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([promise, stopped])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

export function passTime(cx: VerbContext, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = cx.world.clock.after(ms, resolve)
  return unlessInterrupted(cx.signal, promise).finally(cancel)
}

/** The address as it was written; a relative one is resolved against its document. */
export function addressIn(cx: VerbContext, address: string): string {
  if (/^[a-z][a-z+.-]*:/i.test(address) || cx.base === undefined) return address
  return URL.canParse(address, cx.base) ? new URL(address, cx.base).href : address
}

export function methodOf(element: XmlElement, name = 'method'): Method {
  return element.attributes[name] === 'GET' ? 'GET' : 'POST'
}

export function numberOf(element: XmlElement, name: string, usual: number): number {
  const given = element.attributes[name]
  return given === undefined ? usual : Number(given)
}
