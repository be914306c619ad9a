import type { Answer } from '#api/contract/endpoint.ts'
import type { FeatureFlag } from '#api/contract/features.ts'
import { can } from '#api/contract/permissions.ts'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { currentSettings } from '#api/domains/system/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import { findStanding } from './ledger/queries.ts'
import { affordableSeconds, costCents, priceOfKind } from './pricing.ts'
import * as queries from './queries.ts'

type Kind = (typeof contract.pricedKinds)[number]
type Preview = Answer<typeof contract.previewCost>

/** What a call of the kind would cost if it began now, and whether it could. */
export async function previewCost(ctx: Context, kind: Kind): Promise<Preview> {
  const { minimumSliceSeconds } = await currentSettings(ctx)
  return read(ctx, async (db) => {
    const organizationId = tenantOf(ctx)
    const wallet = await queries.findWallet(db, organizationId)
    const standing = await findStanding(db, organizationId, features[kind])
    if (!wallet || !standing) throw notFound('wallet')
    const price = await queries.findEffectivePrice(db, organizationId, ctx.now())
    if (!price) throw errors.noPrice()
    const pricePerHourCents = priceOfKind(price, kind)
    const seconds = affordableSeconds(pricePerHourCents, wallet.balanceCents - wallet.heldCents)
    const isShort = seconds !== null && seconds < minimumSliceSeconds
    const reason = reasonOf(standing, wallet.deficitCents > 0, isShort)
    const money = seesMoney(ctx)
    return {
      kind,
      currency: wallet.currency,
      pricePerHourCents: money ? pricePerHourCents : null,
      pricePerMinuteCents: money ? costCents(pricePerHourCents, 60) : null,
      affordableSeconds: money ? seconds : null,
      canStart: reason === null,
      reason,
    }
  })
}

const features: Record<Kind, FeatureFlag> = {
  agent: 'agent_calls',
  live: 'live_calls',
  mock: 'mock_calls',
  meeting: 'meetings',
  test: 'agent_calls',
}

/** In the order in which an admission asks. */
function reasonOf(
  standing: { organizationStatus: string; isFeatureOff: boolean },
  hasDeficit: boolean,
  isShort: boolean,
): Preview['reason'] {
  if (standing.organizationStatus !== 'active') return 'organization_not_active'
  if (standing.isFeatureOff) return 'feature_off'
  if (hasDeficit) return 'deficit'
  return isShort ? 'insufficient_balance' : null
}

function seesMoney({ actor }: Context): boolean {
  if (actor.kind === 'key') return actor.permissions.includes('wallet.read')
  const role = actor.kind === 'user' ? actor.membership?.role : undefined
  return role !== undefined && can(role, 'wallet.read')
}
