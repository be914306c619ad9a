import { asPlatform } from '#api/core/context.ts'
import { verifyChains } from '#api/domains/audit/service.ts'
import { verifyCalls } from '#api/domains/calls/service.ts'
import { verifyRecordings } from '#api/domains/recordings/service.ts'
import { verifyWallets } from '#api/domains/wallet/service.ts'
import { withContext } from './context.ts'

export type Finding = { check: string; subject: string; problem: string }
export type Report = { ok: boolean; checkedAt: string; findings: Finding[] }

/** All that must always hold: every ledger line, every call, every audit chain, every object (THREATS Z5). */
export function verifyInvariants(environment: Record<string, string>): Promise<Report> {
  return withContext('verify', environment, async (ctx) => {
    const wallets = await asPlatform(ctx, (tx) => verifyWallets(tx))
    const calls = await asPlatform(ctx, (tx) => verifyCalls(tx))
    const chains = await verifyChains(ctx)
    const recordings = await verifyRecordings(ctx)
    const findings: Finding[] = [
      ...wallets.map((one) => ({
        check: `ledger ${one.row}`,
        subject: `organization ${one.organizationId}, ${one.subject}`,
        problem: one.problem,
      })),
      ...calls.map((one) => ({
        check: 'calls',
        subject: `call ${one.callId}`,
        problem: one.problem,
      })),
      ...chains.map((one) => ({
        check: 'audit',
        subject: `${one.organizationId ? `organization ${one.organizationId}` : 'the platform'}, entry ${one.sequence}`,
        problem: one.problem,
      })),
      ...recordings.map((one) => ({ check: 'recordings', ...one })),
    ]
    return { ok: findings.length === 0, checkedAt: new Date().toISOString(), findings }
  })
}
