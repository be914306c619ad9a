import type { Faults } from '../kit/faults.ts'
import type { Journal } from '../kit/journal.ts'
import type { WebhookSender } from '../kit/webhooks.ts'
import type { PhraseBook } from '../speech/book.ts'
import type { SignedUrls } from './signed-urls.ts'
import type { Store } from './store.ts'
import type { Session } from './talk/session.ts'

/** What every part of the stand-in needs. */
export type World = {
  /** Own address, known once the listener is up. */
  url: string
  apiKey: string
  webhookSecret: string
  twilioUrl: string
  postCallDelayMs: number
  timings: Timings
  store: Store
  book: PhraseBook
  journal: Journal
  faults: Faults
  webhooks: WebhookSender
  signedUrls: SignedUrls
  /** Live conversations by id. */
  live: Map<string, Session>
  /** Utterances that arrived, but not as they were rendered. */
  unrecognised: number
}

export type Timings = {
  pingMs: number
  endOfTurnMs: number
  bargeInMs: number
  transportSilenceMs: number
  initiationMs: number
  chunkMs: number
  chunkEveryMs: number
  webhookRetryMs: number
}

export const defaultTimings: Timings = {
  pingMs: 2_000,
  endOfTurnMs: 300,
  bargeInMs: 100,
  transportSilenceMs: 60_000, // the service's own `transport_receive_timeout`
  initiationMs: 3_000, // how long a client may take to send its first message
  chunkMs: 240, // whole 20 ms frames, so that a mark behind a chunk never falls inside one
  chunkEveryMs: 25, // ten times faster than it plays
  webhookRetryMs: 1_000,
}
