/**
 * `relay`: the baseline. `bridge`: the media path alone, every tap off. `product`: `voice/server.ts` as it is started for
 * customers, with tape, marks, leases, meter and live feed; `product-ws`: the same on the `ws` library.
 */
export type GatewayMode = 'relay' | 'bridge' | 'product' | 'product-ws'

export type GatewayReport = { cpuUs: number; rssBytes: number }

/** A call that the product has admitted: how its media stream begins. */
export type DialledCall = { callId: string; startFrame: string; signature: string }

export type LoadTarget = { port: number; mode: GatewayMode; calls: number; dialled: DialledCall[] }
export type LoadOrder =
  | { order: 'connect'; targets: LoadTarget[] }
  | { order: 'run'; ms: number }
  | { order: 'hang up' }

/** One target's traffic in one run; delays in milliseconds, both directions. */
export type LoadReport = {
  mediaMessages: number
  lost: number
  reordered: number
  corrupted: number
  delayP50: number
  delayP99: number
  /** From the start of the caller's frame that the vendor took for an interruption to our `clear`. */
  clearP95: number
  keypadP95: number
  /** How often the last two were tried, and came to nothing. */
  probes: number
  unanswered: number
  /** How late the generator itself was, which is in every delay. */
  ownLateP99: number
}
