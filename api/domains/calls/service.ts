export { type Admission, admitInboundCall, type Resumption, resumeCall } from './admit.ts'
export { type CarrierStatus, noteCarrierStatus } from './carrier.ts'
export { carrierLimitSeconds, endAbandonedCalls, endCall } from './end.ts'
export { isEpochCurrent, isSettled, lockCallForRecords } from './fence.ts'
export * as callLimits from './limits.ts'
export {
  createLiveTicket,
  endCallByHand,
  findCallOfConversation,
  type LiveTicket,
  mayListen,
  readLiveTicket,
} from './live.ts'
export { type CallNote, type Extension, extendSlice, noteCallEvents, renewLeases } from './meter.ts'
export { getCall, listCallEvents, listCalls, requireVisibleCall } from './read.ts'
export { claimStream, linkConversation, type RunningCall } from './stream.ts'
export { type CallFinding, verifyCalls } from './verify.ts'
