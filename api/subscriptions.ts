import { forgetAnswersJob } from './core/idempotency/jobs.ts'
import { forgetRejectionsJob } from './core/inbox/jobs.ts'
import type { Replay } from './core/inbox/service.ts'
import { type Job, on, type Subscription } from './core/jobs.ts'
import { deleteWindowsJob } from './core/rate-limits/jobs.ts'
import { rewrapDataKeysJob } from './core/secrets/jobs.ts'
import { userSynced } from './domains/access/events.ts'
import { replayClerk } from './domains/access/from-clerk.ts'
import { runNextJob, sweepRunsJob } from './domains/agent-tests/jobs.ts'
import { forgetDocumentJob } from './domains/agents/forget-document.ts'
import {
  compareAgentJob,
  compareAgentsJob,
  eraseAgentJob,
  pushAgentJob,
  sweepAgentsJob,
} from './domains/agents/jobs.ts'
import { anchorAuditHeadsJob } from './domains/audit/jobs.ts'
import {
  callClaimed,
  callReconciled,
  callSettled,
  carrierRecorded,
} from './domains/calls/events.ts'
import {
  endAbandonedCallsJob,
  pollConversationsJob,
  reconcileCallJob,
} from './domains/calls/jobs.ts'
import { meterCarriedCallsJob } from './domains/calls/meter-carried-job.ts'
import { endAtCarrierJob } from './domains/calls/outbound/end-at-carrier-job.ts'
import { followOutboundCallJob } from './domains/calls/outbound/jobs.ts'
import { replayElevenLabs, replayTwilio } from './domains/calls/replay.ts'
import { pollNativeConversationsJob, takeInConversationJob } from './domains/calls/take-in-jobs.ts'
import { invitationIssued } from './domains/invitations/events.ts'
import { mailInvitationJob } from './domains/invitations/jobs.ts'
import { documentDeleted } from './domains/knowledge/events.ts'
import {
  eraseDocumentJob,
  ingestDocumentJob,
  pushDocumentJob,
  sweepCopiesJob,
  sweepDocumentsJob,
} from './domains/knowledge/jobs.ts'
import { memberJoined, memberRemoved } from './domains/members/events.ts'
import { refreshMemberJob } from './domains/members/jobs.ts'
import { verifyPlatformJob } from './domains/operations/jobs.ts'
import { organizationPaused, timeZoneChanged } from './domains/organizations/events.ts'
import {
  deliverMessageJob,
  pickUpOverdueJob,
  tellCallEndedJob,
  tellMemberJoinedJob,
  tellMemberRemovedJob,
  tellOrganizationPausedJob,
  tellRecordingStoredJob,
  tellWalletExhaustedJob,
  tellWalletLowJob,
} from './domains/outgoing-webhooks/jobs.ts'
import {
  checkAllDriftJob,
  checkDriftJob,
  convergeNumberJob,
  convergeUnfinishedJob,
} from './domains/phone-numbers/jobs.ts'
import { compareAllJob, compareOrganizationJob } from './domains/reconciliation/jobs.ts'
import { recordingStored } from './domains/recordings/events.ts'
import { storeCarrierRecordingJob } from './domains/recordings/jobs.ts'
import { importConversationJob } from './domains/transcripts/jobs.ts'
import {
  foldDaysJob,
  noteCallJob,
  rebuildUsageJob,
  refreshDayJob,
  repairUsageJob,
} from './domains/usage/jobs.ts'
import {
  paymentTroubled,
  rechargeDue,
  walletExhausted,
  walletLow,
} from './domains/wallet/events.ts'
import {
  followStripeJob,
  followTopUpJob,
  mailAlertJob,
  rechargeJob,
  reconcileTopUpsJob,
  tellAdminsOfLowJob,
  tellAdminsOfTroubleJob,
} from './domains/wallet/jobs.ts'
import { replayStripe } from './domains/wallet/top-ups/follow.ts'

/** Which jobs an event starts: the only such list. */
export const subscriptions: Subscription[] = [
  on(callClaimed, [followOutboundCallJob]),
  on(callSettled, [reconcileCallJob, noteCallJob, tellCallEndedJob]),
  on(carrierRecorded, [storeCarrierRecordingJob]),
  on(recordingStored, [tellRecordingStoredJob]),
  on(walletLow, [tellWalletLowJob]),
  on(walletLow, [tellAdminsOfLowJob]),
  on(rechargeDue, [rechargeJob]),
  on(paymentTroubled, [tellAdminsOfTroubleJob]),
  on(walletExhausted, [tellWalletExhaustedJob]),
  on(memberJoined, [tellMemberJoinedJob]),
  // What Clerk told while somebody joined could not reach a membership that was not there yet.
  on(memberJoined, [refreshMemberJob]),
  on(memberRemoved, [tellMemberRemovedJob]),
  on(organizationPaused, [tellOrganizationPausedJob]),
  on(callReconciled, [noteCallJob, importConversationJob]),
  on(timeZoneChanged, [rebuildUsageJob]),
  on(userSynced, [refreshMemberJob]),
  on(invitationIssued, [mailInvitationJob]),
  on(documentDeleted, [forgetDocumentJob]),
]

/** Every job there is; a worker runs them all, and a queue exists for each. */
export const jobs = [
  forgetAnswersJob,
  deleteWindowsJob,
  anchorAuditHeadsJob,
  pushAgentJob,
  forgetDocumentJob,
  eraseAgentJob,
  sweepAgentsJob,
  compareAgentJob,
  compareAgentsJob,
  runNextJob,
  sweepRunsJob,
  refreshMemberJob,
  mailInvitationJob,
  reconcileCallJob,
  pollConversationsJob,
  meterCarriedCallsJob,
  endAbandonedCallsJob,
  followOutboundCallJob,
  endAtCarrierJob,
  foldDaysJob,
  noteCallJob,
  refreshDayJob,
  rebuildUsageJob,
  repairUsageJob,
  compareAllJob,
  compareOrganizationJob,
  forgetRejectionsJob,
  verifyPlatformJob,
  rewrapDataKeysJob,
  tellCallEndedJob,
  tellRecordingStoredJob,
  tellWalletLowJob,
  tellWalletExhaustedJob,
  tellMemberJoinedJob,
  tellMemberRemovedJob,
  tellOrganizationPausedJob,
  deliverMessageJob,
  pickUpOverdueJob,
  followStripeJob,
  followTopUpJob,
  rechargeJob,
  reconcileTopUpsJob,
  tellAdminsOfLowJob,
  tellAdminsOfTroubleJob,
  mailAlertJob,
  ingestDocumentJob,
  eraseDocumentJob,
  sweepDocumentsJob,
  pushDocumentJob,
  sweepCopiesJob,
  convergeNumberJob,
  convergeUnfinishedJob,
  checkDriftJob,
  checkAllDriftJob,
  storeCarrierRecordingJob,
  takeInConversationJob,
  pollNativeConversationsJob,
  importConversationJob,
] as unknown as Job[]

/** How each vendor's delivery is done again: the only such list. */
export const replays: Replay[] = [replayTwilio, replayElevenLabs, replayClerk, replayStripe]
