export { type Admission, admitInboundCall, type Resumption, resumeCall } from './admit.ts'
export { admitNativeCall, type NativeAnswer, registerCall } from './carried.ts'
export { type CarrierStatus, noteCarrierStatus } from './carrier.ts'
export { FAREWELL } from './carrier-fallback.ts'
export { findCarrierOfCall, noteCarrierRecording } from './carrier-recording.ts'
export { carrierLimitSeconds, endCall } from './end.ts'
export { platformBusy } from './errors.ts'
export { isEpochCurrent, isSettled } from './fence.ts'
export * as callLimits from './limits.ts'
export {
  endCallByHand,
  findCarriedConversation,
  findListener,
  type LiveTicket,
  readLiveTicket,
  wasEndedByHand,
} from './live.ts'
export { type CallNote, type Extension, extendSlice, noteCallEvents, renewLeases } from './meter.ts'
export {
  answerOutboundCall,
  noteAnsweredBy,
  noteOutboundStatus,
  type OutboundTold,
} from './outbound/answer.ts'
export { requireVisibleCall, seesMoney } from './read.ts'
export { claimStream, linkConversation, type RunningCall } from './stream.ts'
export { giveUpTestCall } from './test-calls/give-up.ts'
export { startTestCall } from './test-calls/start.ts'
export { type CallFinding, countCallsByState, countRunningCalls, verifyCalls } from './verify.ts'
