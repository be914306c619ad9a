export { getPlatformMetrics, getUsage } from './read.ts'
export { rebuildUsage, refreshDay } from './recount.ts'
export { type UsageFinding, verifyUsage } from './verify.ts'
