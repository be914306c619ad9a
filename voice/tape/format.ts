/** What a record is. The numbers are the file format's: docs/tape-format.md. */
export const tapeKind = {
  open: 1,
  end: 2,
  gap: 3,
  filling: 4,
  setup: 5,
  twilioIn: 16,
  twilioOut: 17,
  twilioClosed: 18,
  agentIn: 32,
  agentOut: 33,
  agentOpened: 34,
  agentFailed: 35,
  agentClosed: 36,
  customerSent: 48,
  customerHeld: 49,
  customerDropped: 50,
  customerHeldSent: 51,
  customerHeldDropped: 52,
  agentSent: 64,
  agentHeld: 65,
  agentDropped: 66,
  agentHeldSent: 67,
  agentHeldDropped: 68,
  timer: 80,
  command: 81,
} as const
export type TapeKind = (typeof tapeKind)[keyof typeof tapeKind]

/** Argument of a caller's frame that is kept in parts instead of as it arrived. */
export const IN_PARTS = 1
/** What is written today; files of the first version, which knows no parts, are read as well. */
export const TAPE_VERSION = 2

/** The writer of one call's records. */
export type TapeCall = {
  /** Takes a copy of `data` before it returns. `arg` is 16 bits whose meaning depends on the kind. */
  write(kind: TapeKind, arg: number, atUs: number, data?: Uint8Array): void
  /** The call writes no more. */
  end(): void
}

export const noTape: TapeCall = { write() {}, end() {} }
