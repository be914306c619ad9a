import type { z } from 'zod'
import type { me } from '#contracts/access'
import type { call, callEvent, callSummary } from '#contracts/calls'
import type { getPeaks } from '#contracts/recordings'
import type { Turn } from '#contracts/transcripts'
import type { ledgerEntry } from '#contracts/wallet'

// What the API writes on the wire: the encoded side of each contract.
type MeWire = z.input<typeof me>
export type CallWire = z.input<typeof call>
export type SummaryWire = z.input<typeof callSummary>
type EventWire = z.input<typeof callEvent>
type EntryWire = z.input<typeof ledgerEntry>

/** The nth id of a kind, readable in a failing test. */
export const anId = (n: number): string => `0193a000-0000-7000-8000-${String(n).padStart(12, '0')}`

export const aMe = (over: Partial<MeWire> = {}): MeWire => ({
  userId: anId(900),
  email: 'ana@northwind.test',
  name: 'Ana Morales',
  platformRole: null,
  membership: {
    organizationId: anId(901),
    organizationName: 'Northwind Dental',
    organizationStatus: 'active',
    timeZone: 'America/New_York',
    role: 'admin',
    featuresOff: [],
  },
  sandbox: null,
  ...over,
})

export const aMember = (role: 'admin' | 'org_manager' | 'sales_person'): MeWire => {
  const person = aMe()
  return { ...person, membership: person.membership && { ...person.membership, role } }
}

export const aSummary = (over: Partial<SummaryWire> = {}): SummaryWire => ({
  id: anId(1),
  kind: 'agent',
  direction: 'inbound',
  state: 'settled',
  reason: 'caller_hung_up',
  fromNumber: '+14155550134',
  toNumber: '+15005550006',
  agentName: 'Front desk',
  createdAt: '2026-11-20T15:00:00.000Z',
  liveAt: '2026-11-20T15:00:02.000Z',
  endedAt: '2026-11-20T15:02:07.000Z',
  durationSeconds: 125,
  costCents: 87,
  hasRecording: true,
  ...over,
})

export const aCall = (over: Partial<CallWire> = {}): CallWire => ({
  ...aSummary(),
  route: 'gateway',
  billingStatus: 'charged',
  pricePerHourCents: 2500,
  twilioCallSid: 'CA0123456789abcdef0123456789abcdef',
  elevenLabsConversationId: 'conv_0123',
  vendorSeconds: 125,
  vendorSummary: 'The caller booked a cleaning.',
  settledAt: '2026-11-20T15:02:09.000Z',
  outbound: null,
  recording: {
    durationMs: 125_000,
    sizeBytes: 4_000_000,
    sha256: 'ab'.repeat(32),
    storedAt: '2026-11-20T15:02:20.000Z',
    lostRecords: 0,
    isTorn: false,
  },
  ...over,
})

export const aTurn = (over: Partial<Turn> = {}): Turn => ({
  seq: 0,
  speaker: 'agent',
  text: 'Good morning.',
  heard: 'heard',
  heardText: null,
  startMs: 0,
  endMs: 1_000,
  ...over,
})

/** A short talk: a greeting, a question, an answer that is cut off, and one that is never heard. */
export const someTurns = (): Turn[] => [
  aTurn({ text: 'Northwind Dental, good morning.', startMs: 500, endMs: 2_500 }),
  aTurn({ seq: 1, speaker: 'customer', text: 'Do you have time today?', startMs: 3_000 }),
  aTurn({
    seq: 2,
    text: 'Yes, at half past eleven or',
    heard: 'cut',
    heardText: 'Yes, at half past eleven',
    startMs: 6_000,
  }),
  aTurn({ seq: 3, text: 'Shall I book it?', heard: 'never_played', startMs: 9_000 }),
]

export const anEvent = (over: Partial<EventWire> = {}): EventWire => ({
  id: anId(700),
  at: '2026-11-20T15:00:02.000Z',
  kind: 'state.live',
  data: {},
  ...over,
})

export const anEntry = (over: Partial<EntryWire> = {}): EntryWire => ({
  id: anId(800),
  sequence: 1,
  at: '2026-11-20T15:00:00.000Z',
  kind: 'hold',
  fromAccount: 'available',
  toAccount: 'held',
  amountCents: 42,
  balanceAfterCents: 48_250,
  heldAfterCents: 42,
  callId: anId(1),
  explanation: { slice: 1, seconds: 60, fundedSeconds: 60, pricePerHourCents: 2500 },
  ...over,
})

export const somePeaks = (): z.input<(typeof getPeaks)['response']> => ({
  durationMs: 125_000,
  perSecond: 1,
  customer: Array.from({ length: 125 }, (_, second) => (second % 5 === 0 ? 0.5 : 0)),
  agent: Array.from({ length: 125 }, (_, second) => (second % 2 === 0 ? 0.8 : 0)),
})

export const aPage = <Item>(items: Item[], nextCursor: string | null = null) => ({
  items,
  nextCursor,
})
