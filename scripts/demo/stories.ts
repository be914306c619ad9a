import { createLiveTicket, listCalls } from '#contracts/calls'
import { adjustWallet, getWallet } from '#contracts/wallet'
import type { ApiClient } from '../api-client.ts'
import type { PhoneCall, SandboxClient, Step } from '../sandbox-client.ts'
import { readStory, type Story } from '../story.ts'
import { keepPromises, keepReplay, promise } from './promises.ts'

/** Where the stories take place: one organization with money, a number and an agent. */
export type Stage = {
  sandbox: SandboxClient
  /** As an admin of the organization. */
  api: ApiClient
  number: string
  /** An organization that the money story may empty, as its admin and as the platform's. */
  poor: { api: ApiClient; number: string; organizationId: string; platform: ApiClient }
  /** Ends the gateway at this address with SIGKILL, or all of them at once; the launcher starts them again. */
  killGateways(address?: string): Promise<void>
  /** The file of a call's tape. */
  tapeOf(callId: string): string
}

export type Told = { name: string; story: Story; phone: PhoneCall }
export type DemoStory = { name: string; run(stage: Stage): Promise<Told> }

const CALL_MS = 120_000 // the longest story speaks for about a minute
const RECORD_MS = 30_000 // settlement, tape and recording after the line is dead

const question = 'How much is a cleaning?'
const secondQuestion = 'Until when are you open on Saturday?'
const farewell = 'Thank you, goodbye.'
const hearAny: Step = { hear: null, timeoutMs: 20_000 }
/** Both agents greet with these words; the announcement before them has others. */
export const hearGreeting: Step = { hear: 'can I', timeoutMs: 20_000 }

let callers = 0
/** A caller of its own for each story, so that no limit of one touches another. */
const caller = () => `+1500555${String(1000 + callers++).padStart(4, '0')}`

export async function place(
  stage: Stage,
  script: Step[],
  options: {
    to?: string
    api?: ApiClient
    whileRunning?: (callSid: string) => Promise<void>
  } = {},
): Promise<{ story: Story; phone: PhoneCall }> {
  const callSid = await stage.sandbox.dial({
    from: caller(),
    to: options.to ?? stage.number,
    script,
  })
  await options.whileRunning?.(callSid)
  const phone = await stage.sandbox.ended(callSid, CALL_MS)
  promise(
    phone.script?.why === undefined,
    `the caller could not do step ${phone.script?.failedStep}: ${phone.script?.why}`,
  )
  const story = await readStory(options.api ?? stage.api, callSid, RECORD_MS)
  return { story, phone }
}

const kinds = (story: Story) => story.events.map((event) => event.kind)

const ordinary: DemoStory = {
  name: 'an ordinary call, ended by the agent',
  async run(stage) {
    const told = await place(stage, [
      hearGreeting,
      { say: question },
      hearAny,
      { say: secondQuestion },
      hearAny,
      { say: farewell },
      { waitForEnd: true, timeoutMs: 30_000 },
    ])
    await keepPromises(told.story, told.phone, stage)
    promise(told.story.call.reason === 'agent_hung_up', `it ended as ${told.story.call.reason}`)
    promise(told.story.turns.length >= 7, `only ${told.story.turns.length} turns were stored`)
    return { name: this.name, ...told }
  },
}

const callerHangsUp: DemoStory = {
  name: 'the caller hangs up',
  async run(stage) {
    const told = await place(stage, [hearGreeting, { say: question }, hearAny, { hangUp: true }])
    await keepPromises(told.story, told.phone, stage)
    promise(told.story.call.reason === 'caller_hung_up', `it ended as ${told.story.call.reason}`)
    return { name: this.name, ...told }
  },
}

const bargeIn: DemoStory = {
  name: 'the caller interrupts the agent',
  async run(stage) {
    const told = await place(stage, [
      hearGreeting,
      { say: question },
      { interrupt: secondQuestion, afterMs: 700 },
      hearAny,
      { say: farewell },
      { waitForEnd: true, timeoutMs: 30_000 },
    ])
    await keepPromises(told.story, told.phone, stage)
    const cut = told.story.turns.find((turn) => turn.heard === 'cut')
    promise(cut !== undefined, 'no turn of the agent stands as cut')
    const ear = told.phone.heard.find((one) => one.kind === 'cut')
    promise(ear !== undefined, 'the caller heard the agent to the end')
    promise(
      told.phone.log.some((event) => event.kind === 'clear'),
      'the queued audio was not cleared at the carrier',
    )
    return { name: this.name, ...told }
  },
}

const keypad: DemoStory = {
  name: 'the caller presses a key',
  async run(stage) {
    const told = await place(stage, [
      hearGreeting,
      { press: '5' },
      { pause: 2_500 },
      { say: 'Which key did I press on the keypad?' },
      { hear: '5', timeoutMs: 20_000 },
      { hangUp: true },
    ])
    await keepPromises(told.story, told.phone, stage)
    promise(kinds(told.story).includes('dtmf'), 'the key is not on the timeline')
    return { name: this.name, ...told }
  },
}

const moneyRunsOut: DemoStory = {
  name: 'money runs out',
  async run(stage) {
    const { poor } = stage
    const wallet = await poor.api(getWallet, {})
    const keepCents = Math.ceil((wallet.pricePerHourCents * 18) / 3600)
    await poor.platform(adjustWallet, {
      params: { organizationId: poor.organizationId },
      body: {
        requestId: crypto.randomUUID(),
        amountCents: keepCents - wallet.availableCents,
        note: 'leaves eighteen seconds for the demo',
      },
    })
    const told = await place(
      stage,
      [hearGreeting, { say: question }, hearAny, { waitForEnd: true, timeoutMs: 60_000 }],
      { to: poor.number, api: poor.api },
    )
    await keepPromises(told.story, told.phone, stage)
    const { call, events } = told.story
    promise(call.reason === 'funds_exhausted', `it ended as ${call.reason}`)
    const after = await poor.api(getWallet, {})
    promise(after.availableCents >= 0 && after.heldCents === 0, 'the wallet is not settled')
    const ended = events.find((event) => event.kind === 'media.ended')
    const mediaSeconds = Number(ended?.data.mediaMs) / 1000
    const funded = fundedSecondsOf(told.story)
    promise(
      mediaSeconds <= funded + 2,
      `${mediaSeconds.toFixed(1)} s were carried on ${funded} funded seconds`,
    )
    const last = told.phone.heard.filter((one) => one.kind === 'final').at(-1)
    promise(/has to end/.test(last?.text ?? ''), 'the caller was not told why the call ended')
    return { name: this.name, ...told }
  },
}

const fundedSecondsOf = (story: Story): number =>
  Math.max(...story.entries.map((entry) => Number(entry.explanation.fundedSeconds ?? 0)))

const agentLost: DemoStory = {
  name: 'the agent is lost and regained',
  async run(stage) {
    const told = await place(
      stage,
      [
        hearGreeting,
        { say: question },
        hearAny,
        { pause: 5_000 },
        { say: secondQuestion },
        { hear: 'Saturday', timeoutMs: 20_000 },
        { hangUp: true },
      ],
      {
        whileRunning: async (callSid) => {
          await heard(stage.sandbox, callSid, 3)
          await stage.sandbox.dropConversation(1011)
        },
      },
    )
    await keepPromises(told.story, told.phone, stage)
    promise(kinds(told.story).includes('agent-lost'), 'the loss is not on the timeline')
    promise(kinds(told.story).includes('agent-regained'), 'the agent did not come back')
    return { name: this.name, ...told }
  },
}

const gatewayKilled = resumed({
  name: 'the gateway is killed and the caller resumed',
  kill: async (stage, callId) => {
    const ticket = await stage.api(createLiveTicket, { params: { callId } })
    await stage.killGateways(ticket.url)
  },
  withinMs: 5_000, // THREATS F2
})

const allKilled = resumed({
  name: 'every gateway is killed and the caller waits for one to come back',
  kill: (stage) => stage.killGateways(),
  withinMs: 12_000, // what the API lets a caller wait, and a pause
})

function resumed(drama: {
  name: string
  kill(stage: Stage, callId: string): Promise<void>
  withinMs: number
}): DemoStory {
  return { name: drama.name, run }

  async function run(stage: Stage): Promise<Told> {
    const told = await place(
      stage,
      [
        hearGreeting,
        { say: question },
        hearAny,
        { pause: 9_000 },
        { say: secondQuestion },
        { hear: 'Saturday', timeoutMs: 20_000 },
        { hangUp: true },
      ],
      {
        whileRunning: async (callSid) => {
          // The announcement, the greeting and the first answer.
          await heard(stage.sandbox, callSid, 3)
          const running = await stage.api(listCalls, { query: { state: 'live' } })
          const mine = running.items[0]
          if (!mine) throw new Error('no call is live')
          await drama.kill(stage, mine.id)
        },
      },
    )
    keepResumed(told.story, told.phone, drama.withinMs)
    await keepReplay(told.story, stage)
    return { name: drama.name, ...told }
  }
}

function keepResumed(story: Story, phone: PhoneCall, withinMs: number): void {
  const starts = story.events.filter((event) => event.kind === 'media.started')
  promise(starts.length === 2, `the media stream started ${starts.length} times`)
  promise(story.call.reason === 'caller_hung_up', `it ended as ${story.call.reason}`)
  const opened = phone.log.filter((event) => event.kind === 'stream-open').map((event) => event.at)
  const closed = phone.log.filter((event) => event.kind === 'stream-close').map((event) => event.at)
  const [, second] = opened
  const [first] = closed
  promise(
    second !== undefined && first !== undefined && second - first <= withinMs,
    `the caller waited more than ${withinMs / 1000} s for another gateway`,
  )
  const said = phone.said.map((one) => one.text)
  const written = story.turns.filter((turn) => turn.speaker === 'customer').map((turn) => turn.text)
  promise(
    said.every((text) => written.includes(text)),
    'something the caller said is not in the transcript',
  )
}

async function heard(sandbox: SandboxClient, callSid: string, utterances: number): Promise<void> {
  const deadline = performance.now() + CALL_MS
  while (performance.now() < deadline) {
    const call = await sandbox.call(callSid)
    if (call.heard.filter((one) => one.kind === 'final').length >= utterances) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`the caller did not hear ${utterances} utterances`)
}

/** Those that may run beside each other, then those that need the stage for themselves. */
export const together: DemoStory[] = [ordinary, callerHangsUp, bargeIn, keypad, moneyRunsOut]
export const alone: DemoStory[] = [agentLost, gatewayKilled, allKilled]
export const firstCall = ordinary
