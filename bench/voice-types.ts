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
  | { order: 'watch'; calls: number }
  | { order: 'hang up' }

/** A message with audio: its text is as long as no other's, and its payload begins at `at`. */
export type MediaShape = { length: number; at: number }

/** One direction of a connection, by its ports, and what its audio looks like there. */
export type WireStream = { from: number; to: number; media: MediaShape }

/** One direction of a call: where its audio comes to the gateway, and where it leaves it. */
export type Passage = { enters: WireStream; leaves: WireStream }

/** Some calls' passages, and the ports that none but they use. */
export type Watched = { ports: number[]; passages: Passage[] }

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
