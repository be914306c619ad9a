import { randomUUIDv7 } from 'node:crypto'
import { asPlatform, type Context } from '#api/core/context.ts'
import { DomainError } from '#api/core/errors.ts'
import { verifyChains } from '#api/domains/audit/service.ts'
import { verifyCalls } from '#api/domains/calls/service.ts'
import { verifyRecordings } from '#api/domains/recordings/service.ts'
import { verifyUsage } from '#api/domains/usage/service.ts'
import { verifyWallets } from '#api/domains/wallet/service.ts'
import * as queries from './queries.ts'

export type Finding = { check: string; subject: string; problem: string }
export type Report = {
  ok: boolean
  checkedAt: Date
  findings: Finding[]
  /** Checks that were not, or not wholly, made in the time there was. */
  unfinished: string[]
}
type Checked = { findings: Finding[]; complete: boolean }

const KEPT_SECONDS = 90 * 86_400

/** Checks, and keeps how it came out for the office to see. */
export async function verifyPlatform(
  ctx: Context,
  options: { until?: Date } = {},
): Promise<Report> {
  const report = await verifyInvariants(ctx, options)
  await asPlatform(ctx, async (tx) => {
    const { checkedAt, ok, findings, unfinished } = report
    const made = { id: randomUUIDv7(), checkedAt, ok, findings: findings.length, unfinished }
    await queries.insertVerification(tx.db, made)
    await queries.deleteVerificationsOlderThan(tx.db, KEPT_SECONDS)
  })
  return report
}

/** All that must always hold: every ledger line, call, sum, audit chain and object (THREATS Z5). */
export async function verifyInvariants(
  ctx: Context,
  { until }: { until?: Date } = {},
): Promise<Report> {
  const findings: Finding[] = []
  const unfinished: string[] = []
  for (const [name, check] of Object.entries(checks)) {
    const checked = until && ctx.now() >= until ? null : await attempt(ctx, check, until)
    findings.push(...(checked?.findings ?? []))
    if (!checked?.complete) unfinished.push(name)
  }
  const ok = findings.length === 0 && unfinished.length === 0
  return { ok, checkedAt: ctx.now(), findings, unfinished }
}

const checks: Record<string, (ctx: Context, until?: Date) => Promise<Checked>> = {
  ledger: async (ctx) => {
    const found = await asPlatform(ctx, (tx) => verifyWallets(tx))
    return whole(found, ({ row, organizationId, subject, problem }) => ({
      check: `ledger ${row}`,
      subject: `organization ${organizationId}, ${subject}`,
      problem,
    }))
  },
  calls: async (ctx) => {
    const found = await asPlatform(ctx, (tx) => verifyCalls(tx))
    return whole(found, ({ callId, problem }) => ({
      check: 'calls',
      subject: `call ${callId}`,
      problem,
    }))
  },
  usage: async (ctx, until) => {
    const { findings, complete } = await verifyUsage(ctx, until ? { until } : {})
    const { findings: told } = whole(findings, ({ organizationId, day, kind }) => ({
      check: 'usage',
      subject: `organization ${organizationId}, ${day}, ${kind}`,
      problem: 'the sums are not those of the calls',
    }))
    return { findings: told, complete }
  },
  recordings: async (ctx) =>
    whole(await verifyRecordings(ctx), (one) => ({ check: 'recordings', ...one })),
  audit: async (ctx) =>
    whole(await verifyChains(ctx), ({ organizationId, sequence, problem }) => ({
      check: 'audit',
      subject: `${organizationId ? `organization ${organizationId}` : 'the platform'}, entry ${sequence}`,
      problem,
    })),
}

const whole = <Found>(found: readonly Found[], tell: (one: Found) => Finding): Checked => ({
  findings: found.map(tell),
  complete: true,
})

/** Where time is short, a statement that takes too long leaves its check unfinished and the others to be made. */
async function attempt(
  ctx: Context,
  check: (ctx: Context, until?: Date) => Promise<Checked>,
  until: Date | undefined,
): Promise<Checked | null> {
  try {
    return await check(ctx, until)
  } catch (error) {
    if (!until || !(error instanceof DomainError)) throw error
    ctx.log.warn({ err: error }, 'a check took too long')
    return null
  }
}
