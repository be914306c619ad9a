import formbody from '@fastify/formbody'
import type { Faults } from '../kit/faults.ts'
import { listen, vendorServer } from '../kit/http.ts'
import type { Journal } from '../kit/journal.ts'
import { WebhookSender } from '../kit/webhooks.ts'
import type { PhraseBook } from '../speech/book.ts'
import { receiveCall } from './calls.ts'
import { type Clock, wallClock } from './clock.ts'
import type { Leg } from './leg.ts'
import { type NumberSettings, Numbers } from './numbers.ts'
import { type Answer, type Party, silentPerson } from './party.ts'
import { restRoutes } from './rest/routes.ts'
import type { World } from './world.ts'

export type TwilioOptions = {
  port: number
  host?: string
  accountSid: string
  authToken: string
  book: PhraseBook
  journal: Journal
  faults: Faults
  /** Numbers are kept here. */
  dataDir?: string
  /** Owned from the start. */
  numbers?: (NumberSettings & { phoneNumber: string })[]
  clock?: Clock
}

export type TwilioStandIn = {
  url: string
  account: { sid: string; authToken: string }
  close(): Promise<void>
  /** Somebody calls one of our numbers; resolves as soon as it rings. */
  dial(call: { from: string; to: string; party?: Party }): Promise<Leg>
  legs(): Leg[]
  leg(callSid: string): Leg | undefined
  /** Who picks up when the product calls out; set it to change that. */
  answerOutbound: (to: string) => Answer
}

export async function startTwilio(options: TwilioOptions): Promise<TwilioStandIn> {
  const { journal, faults, book, accountSid: sid, authToken } = options
  const numbers = new Numbers(options.dataDir)
  for (const number of options.numbers ?? [])
    if (!numbers.findByNumber(number.phoneNumber)) numbers.create(number)
  let url = ''
  const world: World = {
    account: { sid, authToken, friendlyName: 'VoxCalls sandbox', createdAt: new Date() },
    clock: options.clock ?? wallClock,
    book,
    journal,
    faults,
    sender: new WebhookSender('twilio', journal, faults),
    numbers,
    legs: new Map(),
    programs: new WeakMap(),
    recordings: new Map(),
    notifications: [],
    answerOutbound: () => silentPerson(),
    origin: () => url,
  }
  const app = vendorServer({ vendor: 'twilio', journal, faults })
  await app.register(formbody, { bodyLimit: MAX_FORM_BYTES })
  await restRoutes(app, world)
  url = await listen(app, options.port, options.host)

  return {
    url,
    account: { sid, authToken },
    legs: () => [...world.legs.values()],
    leg: (callSid) => world.legs.get(callSid),
    dial: async ({ from, to, party }) =>
      receiveCall(world, { from, to, party: party ?? silentPerson() }),
    get answerOutbound() {
      return world.answerOutbound
    },
    set answerOutbound(answer) {
      world.answerOutbound = answer
    },
    close: () => close(world, app),
  }
}

const MAX_FORM_BYTES = 256 * 1024
const GOODBYE_MS = 1_000 // what the last callbacks get before they are cut off

async function close(world: World, app: { close(): Promise<unknown> }): Promise<void> {
  const open = [...world.legs.values()].filter((leg) => !leg.isOver)
  const streams = open.flatMap((leg) => [...leg.streams])
  for (const leg of open) leg.end('completed', 'network')
  const settled = Promise.all([
    ...streams.map((stream) => stream.ended),
    ...open.map((leg) => leg.callbacks.settled()),
  ])
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, GOODBYE_MS)
  await Promise.race([settled, late])
  clearTimeout(timer)
  world.sender.close()
  await app.close()
}
