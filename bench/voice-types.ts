/** `relay`: the baseline. The others carry calls as the gateway does, with or without tape, on either codec. */
export type GatewayMode = 'relay' | 'bridge' | 'bridge-untaped' | 'bridge-ws'

export type GatewayReport = { cpuUs: number; rssBytes: number; lostRecords: number }

export type LoadTarget = { port: number; mode: GatewayMode; calls: number }
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
  /** How late the generator itself was, which is in every delay. */
  ownLateP99: number
}
