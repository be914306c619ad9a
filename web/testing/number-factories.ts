import type { z } from 'zod'
import type { carrierAccount } from '#contracts/carrier-accounts'
import type { phoneNumber } from '#contracts/phone-numbers'
import { anId } from './factories.ts'

// What the API writes on the wire: the encoded side of each contract.
type NumberWire = z.input<typeof phoneNumber>
type AccountWire = z.input<typeof carrierAccount>

export const aNumber = (over: Partial<NumberWire> = {}): NumberWire => ({
  id: anId(600),
  e164: '+15005550006',
  label: 'Front desk',
  route: 'gateway',
  agentId: anId(650),
  agentName: 'Reception',
  carrierAccountId: null,
  capabilities: { voice: true, sms: true, mms: false },
  state: 'active',
  step: null,
  error: null,
  nextTryAt: null,
  fallback: { kind: 'none' },
  maxConcurrentCalls: 10,
  callsLast7Days: 12,
  health: 'ok',
  drift: [],
  driftFoundAt: null,
  checkedAt: '2026-11-20T14:00:00.000Z',
  createdAt: '2026-11-01T15:00:00.000Z',
  ...over,
})

export const anAccount = (over: Partial<AccountWire> = {}): AccountWire => ({
  id: anId(620),
  label: 'Main account',
  twilioAccountSid: `AC${'1'.repeat(32)}`,
  authTokenLastFour: '9f3a',
  state: 'verified',
  verifiedAt: '2026-11-01T15:00:00.000Z',
  phoneNumbers: 0,
  createdAt: '2026-11-01T15:00:00.000Z',
  ...over,
})
