export { anchorHeads } from './anchors.ts'
export {
  exportEntries,
  exportPlatformEntries,
  listEntries,
  listPlatformEntries,
} from './read.ts'
export { type AuditRecord, recordAudit, recordPlatformAudit } from './record.ts'
export {
  type AuditFinding,
  verifyChains,
  verifyOwnAudit,
  verifyPlatformAudit,
} from './verify.ts'
