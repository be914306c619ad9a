import { asPlatform, type Context, forOrganization } from '#api/core/context.ts'
import { releasePhoneNumber, repairDrift, updatePhoneNumber } from './change.ts'
import { buyPhoneNumber, importPhoneNumber } from './claim.ts'
import { type Convergence, converge } from './converge.ts'
import * as queries from './queries.ts'
import { compareWithVendors } from './service.ts'
import type { PhoneNumber } from './show.ts'

type Route = PhoneNumber['route']

/** One thing an admin wants of a number. */
export type Deed = { organizationId: string; e164: string } & (
  | { do: 'buy'; agentId: string; carrierAccountId: string | null; route: Route }
  | { do: 'import'; agentId: string; carrierAccountId: string; route: Route }
  | { do: 'change'; route: Route }
  | { do: 'repair' }
  | { do: 'release'; staysAtCarrier: boolean }
)

/** Asks for it, unless that was done, and does it at the vendors: as whoever does it again after a crash does it. */
export async function perform(ctx: Context, deed: Deed): Promise<Convergence> {
  const id = await ask(ctx, deed)
  return id ? await converge(forOrganization(ctx, deed.organizationId), id) : 'nothing to do'
}

/** The id of the number, which vendors have to be told about; null where it was given up. */
export async function ask(ctx: Context, deed: Deed): Promise<string | null> {
  const own = forOrganization(ctx, deed.organizationId)
  const known = await asPlatform(ctx, (tx) => queries.findByE164(tx.db, deed.e164))
  if (!known) return await claim(own, deed)
  const { id, state } = known
  if (deed.do === 'change') await updatePhoneNumber(own, id, { route: deed.route })
  if (deed.do === 'repair' && state === 'active') {
    const { drift } = await compareWithVendors(own, id)
    if (drift.length > 0) await repairDrift(own, id)
  }
  if (deed.do === 'release' && state !== 'releasing') {
    const { e164: confirmE164, staysAtCarrier } = deed
    await releasePhoneNumber(own, id, { confirmE164, staysAtCarrier })
  }
  return id
}

async function claim(own: Context, deed: Deed): Promise<string | null> {
  const { e164 } = deed
  if (deed.do === 'buy')
    return (await buyPhoneNumber(own, { ...deed, label: '', confirmE164: e164 })).id
  if (deed.do === 'import') return (await importPhoneNumber(own, { ...deed, label: '' })).id
  return null
}
