import type { z } from 'zod'
import type { apiKey } from '#contracts/api-keys'
import type { auditEntry } from '#contracts/audit'
import type { invitation, invitationPreview, ownInvitation } from '#contracts/invitations'
import type { member } from '#contracts/members'
import type { organizationSettings } from '#contracts/organizations'
import type { webhookEndpoint, webhookMessage } from '#contracts/outgoing-webhooks'
import { anId } from './factories.ts'

// What the API writes on the wire: the encoded side of each contract.
type PersonWire = z.input<typeof member>
type InvitationWire = z.input<typeof invitation>

export const aPerson = (over: Partial<PersonWire> = {}): PersonWire => ({
  id: anId(10),
  userId: anId(900),
  name: 'Ana Morales',
  email: 'ana@northwind.test',
  role: 'admin',
  joinedAt: '2026-11-01T09:00:00.000Z',
  seenAt: '2026-11-20T14:00:00.000Z',
  ...over,
})

export const aRep = (over: Partial<PersonWire> = {}): PersonWire =>
  aPerson({
    id: anId(11),
    userId: anId(911),
    name: 'Rita Rep',
    email: 'rita@northwind.test',
    role: 'sales_person',
    seenAt: null,
    ...over,
  })

export const anInvitation = (over: Partial<InvitationWire> = {}): InvitationWire => ({
  id: anId(20),
  email: 'new@northwind.test',
  role: 'sales_person',
  status: 'pending',
  invitedBy: 'Ana Morales',
  createdAt: '2026-11-20T15:00:00.000Z',
  sentAt: '2026-11-20T15:00:01.000Z',
  undeliverableAt: null,
  expiresAt: '2026-11-23T15:00:00.000Z',
  ...over,
})

export const aPreview = (
  over: Partial<z.input<typeof invitationPreview>> = {},
): z.input<typeof invitationPreview> => ({
  status: 'pending',
  organizationName: 'Northwind Dental',
  organizationStatus: 'active',
  role: 'org_manager',
  emailHint: 'a…a@northwind.test',
  expiresAt: '2026-11-23T15:00:00.000Z',
  ...over,
})

export const anOwnInvitation = (
  over: Partial<z.input<typeof ownInvitation>> = {},
): z.input<typeof ownInvitation> => ({
  id: anId(21),
  organizationName: 'Northwind Dental',
  role: 'org_manager',
  invitedBy: 'Bo Berg',
  expiresAt: '2026-11-23T15:00:00.000Z',
  ...over,
})

export const someSettings = (
  over: Partial<z.input<typeof organizationSettings>> = {},
): z.input<typeof organizationSettings> => ({
  id: anId(901),
  name: 'Northwind Dental',
  timeZone: 'America/New_York',
  status: 'active',
  createdAt: '2026-11-01T09:00:00.000Z',
  announcementEnabled: true,
  announcementText: 'This call may be recorded.',
  recordingRetentionDays: 90,
  transcriptRetentionDays: 365,
  maxConcurrentCalls: 10,
  allowedCountries: ['US'],
  repSeesAnalysisFirst: false,
  notificationEmails: [],
  ...over,
})

export const anApiKey = (over: Partial<z.input<typeof apiKey>> = {}): z.input<typeof apiKey> => ({
  id: anId(30),
  name: 'Reporting',
  lastFour: 'x7Qa',
  permissions: ['calls.read-organization', 'reports.read'],
  createdAt: '2026-11-20T15:00:00.000Z',
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
  ...over,
})

export const aWebhookEndpoint = (
  over: Partial<z.input<typeof webhookEndpoint>> = {},
): z.input<typeof webhookEndpoint> => ({
  id: anId(40),
  url: 'https://hooks.northwind.test/voxcalls',
  events: ['call.ended', 'wallet.low'],
  secretLastFour: 'k9Zz',
  state: 'active',
  disabledReason: null,
  failures: 0,
  createdAt: '2026-11-20T15:00:00.000Z',
  ...over,
})

export const aWebhookMessage = (
  over: Partial<z.input<typeof webhookMessage>> = {},
): z.input<typeof webhookMessage> => ({
  id: anId(41),
  eventId: 'evt_1',
  event: 'call.ended',
  state: 'failed',
  attempts: 8,
  lastStatus: 500,
  lastError: 'The address answered 500.',
  createdAt: '2026-11-20T15:00:00.000Z',
  attemptedAt: '2026-11-20T16:00:00.000Z',
  nextAttemptAt: null,
  deliveredAt: null,
  payload: { callId: anId(1) },
  ...over,
})

export const anAuditEntry = (
  over: Partial<z.input<typeof auditEntry>> = {},
): z.input<typeof auditEntry> => ({
  id: anId(50),
  sequence: 8,
  at: '2026-11-20T15:00:00.000Z',
  actorKind: 'user',
  actorId: anId(900),
  actorName: 'Ana Morales',
  action: 'members.change-role',
  subject: anId(11),
  before: { role: 'sales_person' },
  after: { role: 'org_manager' },
  previousHash: 'ab'.repeat(32),
  hash: 'cd'.repeat(32),
  ...over,
})
