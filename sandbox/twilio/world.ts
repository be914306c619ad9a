import type { Faults } from '../kit/faults.ts'
import type { Journal } from '../kit/journal.ts'
import type { WebhookSender } from '../kit/webhooks.ts'
import type { PhraseBook } from '../speech/book.ts'
import type { Clock } from './clock.ts'
import type { Leg } from './leg.ts'
import type { Numbers } from './numbers.ts'
import type { Answer } from './party.ts'
import type { Program } from './program.ts'
import type { Recording } from './recording.ts'

export type Account = { sid: string; authToken: string; friendlyName: string; createdAt: Date }

/** A line of Twilio's debugger: what went wrong on a call and is not told to anybody else. */
type Notification = {
  sid: string
  callSid: string
  errorCode: number
  message: string
  requestUrl: string
  at: Date
}

/** One account and what it owns; the rest is shared by all accounts of the stand-in. */
export type World = {
  account: Account
  clock: Clock
  book: PhraseBook
  journal: Journal
  faults: Faults
  sender: WebhookSender
  numbers: Numbers
  legs: Map<string, Leg>
  programs: WeakMap<Leg, Program>
  recordings: Map<string, Recording>
  notifications: Notification[]
  answerOutbound: (to: string) => Answer
  /** Whether any account owns the number. */
  isTaken: (phoneNumber: string) => boolean
  /** Where this stand-in is reached, for the addresses of recordings. */
  origin: () => string
}
