import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import type { ClerkStandIn } from '../clerk/start.ts'
import type { ElevenLabsStandIn } from '../elevenlabs/start.ts'
import type { Faults } from '../kit/faults.ts'
import { listen } from '../kit/http.ts'
import type { Journal } from '../kit/journal.ts'
import type { MailStandIn } from '../mail/start.ts'
import type { PhraseBook } from '../speech/book.ts'
import type { StripeStandIn } from '../stripe/start.ts'
import type { TwilioStandIn } from '../twilio/start.ts'
import { socketRoutes } from './audio-socket.ts'
import { callRoutes } from './call-routes.ts'
import { Calls } from './calls.ts'
import { conversationRoutes } from './conversation-routes.ts'
import { pageRoutes } from './pages.ts'
import { problemAnswers } from './problems.ts'
import {
  clerkRoutes,
  customerRoutes,
  faultRoutes,
  journalRoutes,
  mailRoutes,
  speechRoutes,
  statusRoute,
} from './routes.ts'
import { stripeRoutes } from './stripe-routes.ts'

export type ControlOptions = {
  port: number
  host?: string
  twilio: TwilioStandIn
  elevenLabs: ElevenLabsStandIn
  clerk: ClerkStandIn
  stripe: StripeStandIn
  mail: MailStandIn
  journal: Journal
  faults: Faults
  book: PhraseBook
  fallbackBecause?: string | undefined
  environment: Record<string, string>
  /** Where the other stand-ins keep what outlives them. */
  dataDir: string
}

export type Control = { url: string; close(): Promise<void> }

const MAX_MESSAGE_BYTES = 1_024 // the pages send nothing over their sockets

/** What drives the stand-ins from outside: an API for tests and the demo, and three pages for people. */
export async function startControl(options: ControlOptions): Promise<Control> {
  const { twilio, elevenLabs, book, journal } = options
  const calls = new Calls(twilio, book)
  const app = Fastify({ logger: false, forceCloseConnections: true })
  await app.register(websocket, { options: { maxPayload: MAX_MESSAGE_BYTES } })
  problemAnswers(app)

  callRoutes(app, { calls, elevenLabs, journal, dataDir: options.dataDir })
  socketRoutes(app, { calls, elevenLabs, journal })
  conversationRoutes(app, elevenLabs)
  customerRoutes(app, journal)
  faultRoutes(app, options.faults)
  journalRoutes(app, journal)
  mailRoutes(app, options.mail)
  speechRoutes(app, book)
  clerkRoutes(app, options.clerk)
  stripeRoutes(app, options.stripe)
  statusRoute(app, {
    ...options,
    calls,
    engine: book.engine.name,
    fallbackBecause: options.fallbackBecause,
  })
  pageRoutes(app)

  const url = await listen(app, options.port, options.host)
  return { url, close: () => app.close() }
}
