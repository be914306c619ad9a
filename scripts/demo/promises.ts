import { type Replay, replayCall } from '../../voice/tape/replay.ts'
import type { PhoneCall, SandboxClient, Spoken } from '../sandbox-client.ts'
import type { Story } from '../story.ts'
import type { Stage } from './stories.ts'
import { readWav } from './wav.ts'

/** A promise of the product that a story broke. */
export class BrokenPromise extends Error {}

export function promise(kept: boolean, broken: string): void {
  if (!kept) throw new BrokenPromise(broken)
}

const CLOCK_SLACK_MS = 300

const same = (a: readonly string[], b: readonly string[]) => JSON.stringify(a) === JSON.stringify(b)

/** What every settled call owes: exact words, a ledger that sums, a recording of what was carried. */
export async function keepPromises(story: Story, phone: PhoneCall, stage: Stage): Promise<void> {
  keepMoney(story)
  keepWords(story, phone)
  await keepRecording(story, phone, stage.sandbox)
  const { isIncomplete } = await keepReplay(story, stage)
  promise(!isIncomplete, 'the tape misses records')
  const isAnnounced = story.events.some(
    ({ kind, data }) => kind === 'announcement' && data.outcome === 'heard',
  )
  promise(isAnnounced, 'nobody told the caller that the call is recorded')
  // Only what we place rings before it is answered.
  const states = story.events
    .flatMap((event) => /^state\.(\w+)$/.exec(event.kind)?.[1] ?? [])
    .filter((state) => state !== 'ringing')
  promise(
    same(states, ['created', 'authorized', 'live', 'ending', 'ended', 'settled']),
    `the states were ${states.join(', ')}`,
  )
}

/** The tape, fed through the bridge of today, sends byte for byte what was sent on the call. */
export async function keepReplay(story: Story, stage: Stage): Promise<Replay> {
  const replay = await replayCall(stage.tapeOf(story.call.id))
  promise(replay.compared > 0, 'the tape holds nothing that was sent')
  const { difference } = replay
  promise(
    difference === undefined || replay.isIncomplete,
    `the replay differs at message ${difference?.index} to ${difference?.to}: "${difference?.was}" became "${difference?.is}"`,
  )
  return replay
}

function keepMoney({ call, entries }: Story): void {
  const sum = (kind: string) =>
    entries
      .filter((entry) => entry.kind === kind)
      .reduce((cents, entry) => cents + entry.amountCents, 0)
  const price = call.pricePerHourCents ?? 0
  const cost = Math.ceil((price * (call.durationSeconds ?? 0)) / 3600)
  promise(call.costCents === cost, `the cost is ${call.costCents}, not ${cost} cents`)
  promise(sum('capture') === cost, `${sum('capture')} cents were captured for a cost of ${cost}`)
  promise(
    sum('hold') === sum('capture') + sum('release'),
    `held ${sum('hold')}, but captured ${sum('capture')} and released ${sum('release')}`,
  )
}

function keepWords({ turns }: Story, phone: PhoneCall): void {
  const damaged = [...phone.heard, ...phone.said].filter((one) => one.kind === 'damaged')
  promise(damaged.length === 0, `${damaged.length} stretches of speech were damaged on the line`)
  const said = phone.said.map((one) => one.text)
  const written = turns.filter((turn) => turn.speaker === 'customer').map((turn) => turn.text)
  promise(
    same(said, written),
    `the caller said ${quote(said)}, the transcript has ${quote(written)}`,
  )
  const heard = phone.heard.filter((one) => one.kind === 'final').map((one) => one.text)
  let at = 0
  for (const turn of turns) {
    if (turn.speaker !== 'agent' || turn.heard !== 'heard') continue
    const found = heard.indexOf(turn.text, at)
    promise(
      found >= 0,
      `the agent's "${turn.text}" stands as heard, but the caller heard ${quote(heard)}`,
    )
    at = found + 1
  }
}

async function keepRecording(
  story: Story,
  phone: PhoneCall,
  sandbox: SandboxClient,
): Promise<void> {
  const { wav } = story
  promise(wav !== null, 'there is no recording')
  if (!wav) return
  const { channels, sampleRate } = readWav(wav)
  promise(channels.length === 2 && sampleRate === 8000, 'the recording is not stereo at 8 kHz')
  const [customer, agent] = channels
  if (!customer || !agent) return
  const lengthMs = customer.length / 8
  promise(
    Math.abs(lengthMs - (story.call.recording?.durationMs ?? 0)) < 50,
    'the recording is not as long as it says',
  )
  sameSpeech('left', await sandbox.listen(customer), phone.said)
  // What the carrier itself says before it opens the stream is not the stream's. Both clocks start with the answer.
  const openedAt =
    (phone.log.find((event) => event.kind === 'stream-open')?.at ?? 0) - CLOCK_SLACK_MS
  const carried = phone.heard.filter((one) => one.atMs >= openedAt)
  sameSpeech('right', await sandbox.listen(agent), carried)
}

function sameSpeech(
  channel: string,
  recorded: readonly Spoken[],
  carried: readonly Spoken[],
): void {
  const words = (list: readonly Spoken[]) =>
    list.filter((one) => one.kind === 'final').map((one) => one.text)
  promise(
    recorded.every((one) => one.kind !== 'damaged'),
    `the ${channel} channel of the recording holds damaged speech`,
  )
  promise(
    same(words(recorded), words(carried)),
    `the ${channel} channel holds ${quote(words(recorded))}, but ${quote(words(carried))} was carried`,
  )
}

const quote = (texts: readonly string[]) => texts.map((text) => `"${text}"`).join(', ')
