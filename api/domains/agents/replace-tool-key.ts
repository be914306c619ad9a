import type { Answer } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import { pushAgentJob } from './push.ts'
import * as queries from './queries.ts'
import { makeToolKey, TOOL_KEY_HEADER } from './tool-key.ts'
import * as toolRows from './tool-queries.ts'

/** Another key from now on. It leaves here this once; published agents carry it with their next push, which starts now. */
export function replaceToolKey(ctx: Context): Promise<Answer<typeof contract.replaceToolKey>> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const { id, secret, row } = await makeToolKey(tx)
    await toolRows.putToolKey(tx.db, row)
    for (const agentId of await toolRows.listWithTools(tx.db, organizationId)) {
      await queries.updateAgent(tx.db, organizationId, agentId, { syncState: 'pending' })
      await tx.enqueue(pushAgentJob, { organizationId, agentId })
    }
    await recordAudit(tx, { action: 'agents.replace-tool-key', subject: id })
    return {
      header: TOOL_KEY_HEADER,
      lastFour: row.secretLastFour,
      createdAt: row.createdAt,
      key: secret,
    }
  })
}
