import { type Context, forOrganization } from '#api/core/context.ts'
import { follow } from '../wallet/top-ups/follow.ts'
import { placeOutboundCall } from './outbound/place.ts'
import { admitInboundCall, endCall, extendSlice } from './service.ts'
import { MINIMUM_SECONDS } from './testing.ts'

/** One thing that moves money, as whoever does it again after a crash does it. */
export type Deed =
  | { do: 'admit'; asked: Parameters<typeof admitInboundCall>[1] }
  | { do: 'place'; organizationId: string; callId: string }
  | { do: 'renew'; call: Parameters<typeof extendSlice>[1] }
  | { do: 'settle'; call: Parameters<typeof endCall>[1] }
  | { do: 'follow'; about: Parameters<typeof follow>[1] }

export const RENEWED_SECONDS = 120
export const SETTLED_SECONDS = 45

export async function perform(ctx: Context, deed: Deed): Promise<void> {
  switch (deed.do) {
    case 'admit':
      await admitInboundCall(ctx, deed.asked)
      return
    case 'place':
      await placeOutboundCall(forOrganization(ctx, deed.organizationId), deed.callId)
      return
    case 'renew':
      await extendSlice(ctx, deed.call, {
        slice: 2,
        totalSeconds: RENEWED_SECONDS,
        minimumSeconds: MINIMUM_SECONDS,
      })
      return
    case 'settle':
      await endCall(ctx, deed.call, { reason: 'caller_hung_up', mediaSeconds: SETTLED_SECONDS })
      return
    case 'follow':
      await follow(ctx, deed.about)
  }
}
