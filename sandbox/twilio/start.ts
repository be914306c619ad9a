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

type OwnedNumber = NumberSettings & { phoneNumber: string }

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
  numbers?: OwnedNumber[]
  /** Accounts beside the first, each with its own token and numbers. */
  otherAccounts?: { accountSid: string; authToken: string; numbers?: OwnedNumber[] }[]
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
  addMissing(numbers, options.numbers)
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
    isTaken: (phoneNumber) => worlds.some((one) => one.numbers.findByNumber(phoneNumber)),
    origin: () => url,
  }
  const others = (options.otherAccounts ?? []).map((other) => otherWorld(world, other, options))
  const worlds = [world, ...others]
  const app = vendorServer({ vendor: 'twilio', journal, faults })
  await app.register(formbody, { bodyLimit: MAX_FORM_BYTES })
  await restRoutes(app, worlds)
  url = await listen(app, options.port, options.host)

  return {
    url,
    account: { sid, authToken },
    legs: () => worlds.flatMap((one) => [...one.legs.values()]),
    leg: (callSid) => worlds.map((one) => one.legs.get(callSid)).find(Boolean),
    dial: async ({ from, to, party }) => {
      const owner = worlds.find((one) => one.numbers.findByNumber(to)) ?? world
      return receiveCall(owner, { from, to, party: party ?? silentPerson() })
    },
    get answerOutbound() {
      return world.answerOutbound
    },
    set answerOutbound(answer) {
      world.answerOutbound = answer
    },
    close: () => close(worlds, app),
  }
}

/** Another account: what it owns is its own, everything else is the first one's. */
function otherWorld(
  world: World,
  other: NonNullable<TwilioOptions['otherAccounts']>[number],
  { dataDir }: Pick<TwilioOptions, 'dataDir'>,
): World {
  const { accountSid: sid, authToken } = other
  const numbers = new Numbers(dataDir, `twilio-numbers-${sid}`)
  addMissing(numbers, other.numbers)
  return {
    ...world,
    account: { sid, authToken, friendlyName: 'A customer of VoxCalls', createdAt: new Date() },
    numbers,
    legs: new Map(),
    programs: new WeakMap(),
    recordings: new Map(),
    notifications: [],
    // Set on the first one while it runs.
    get answerOutbound() {
      return world.answerOutbound
    },
  }
}

function addMissing(numbers: Numbers, owned: readonly OwnedNumber[] = []): void {
  for (const number of owned) if (!numbers.findByNumber(number.phoneNumber)) numbers.create(number)
}

const MAX_FORM_BYTES = 256 * 1024
const GOODBYE_MS = 1_000 // what the last callbacks get before they are cut off

async function close(worlds: readonly World[], app: { close(): Promise<unknown> }): Promise<void> {
  const open = worlds.flatMap(({ legs }) => [...legs.values()]).filter((leg) => !leg.isOver)
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
  for (const { sender } of worlds) sender.close()
  await app.close()
}
