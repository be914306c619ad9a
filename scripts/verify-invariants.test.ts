import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asPlatform, forOrganization, inTransaction } from '#api/core/context.ts'
import { recordAudit, recordPlatformAudit } from '#api/domains/audit/service.ts'
import { type TestApi, testApi, testEnvironment } from '#api/testing.ts'
import { verifyInvariants } from './verify-invariants.ts'

let api: TestApi
const dataDir = mkdtempSync(path.join(tmpdir(), 'voxcalls-verify-'))
beforeAll(async () => {
  api = await testApi({ DATA_DIR: dataDir })
})
afterAll(async () => {
  await api.close()
  rmSync(dataDir, { recursive: true })
})

const verify = () => {
  const { app, platform } = api.database.urls
  return verifyInvariants(
    testEnvironment({ DATA_DIR: dataDir, DATABASE_URL: app, DATABASE_PLATFORM_URL: platform }),
  )
}
/** As somebody would who holds the database: past grants, policies and triggers. */
async function plant(table: string, text: string, values: unknown[]): Promise<void> {
  await api.database.query('admin', `alter table ${table} disable trigger user`)
  await api.database.query('admin', text, values)
  await api.database.query('admin', `alter table ${table} enable trigger user`)
}

test('what is in order passes, and what was planted in a chain, a wallet or a slot is named', async () => {
  const organizationId = await api.database.anOrganization({ balanceCents: 100 })
  const record = { action: 'test.act', subject: 'x' }
  await inTransaction(forOrganization(api.ctx, organizationId), (tx) => recordAudit(tx, record))
  await asPlatform(api.ctx, (tx) => recordPlatformAudit(tx, record))
  expect(await verify()).toMatchObject({ ok: true, findings: [] })

  const callId = crypto.randomUUID()
  for (const table of ['audit_entries', 'platform_audit_entries'])
    await plant(table, `update ${table} set subject = 'y'`, [])
  await plant('wallets', 'update wallets set balance_cents = 101 where organization_id = $1', [
    organizationId,
  ])
  await plant('call_slots', 'update call_slots set call_id = $1, taken_at = now() where slot = 1', [
    callId,
  ])
  const { ok, findings } = await verify()
  expect(ok).toBe(false)
  const problem = 'content does not fit its hash'
  expect(findings).toContainEqual({
    check: 'audit',
    subject: `organization ${organizationId}, entry 1`,
    problem,
  })
  expect(findings).toContainEqual({ check: 'audit', subject: 'the platform, entry 1', problem })
  expect(findings).toContainEqual({
    check: 'ledger L1',
    subject: `organization ${organizationId}, wallet`,
    problem: 'balance differs from the sum of its lines',
  })
  expect(findings).toContainEqual({
    check: 'calls',
    subject: `call ${callId}`,
    problem: 'a slot is held by a call that does not run',
  })
})
