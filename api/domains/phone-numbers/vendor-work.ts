import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import type { NumberWebhooks, TwilioClient, TwilioNumber, Vendors } from '#api/core/vendors.ts'
import type { setupFailures } from './errors.ts'
import * as queries from './queries.ts'

/** How long somebody who works on a number may be silent before somebody else goes on. */
export const WORK_SECONDS = 60

/** Somebody else works on the number now. */
export class WorkLost extends Error {}
/** Trying again changes nothing until a person does something. */
export class SetupFailed extends Error {
  readonly code: keyof typeof setupFailures
  constructor(code: keyof typeof setupFailures) {
    super(code)
    this.code = code
  }
}
/** Not yet: what was asked of a vendor may still come to light. */
export class TooEarly extends Error {}

/** One number in the hands of one worker: each step is on record before the next one begins. */
export type VendorWork = {
  ctx: Context
  carrier: TwilioClient
  /** As it was last written. */
  readonly number: queries.NumberRow
  write(change: queries.NumberChange): Promise<void>
  /** The same inside a transaction. */
  writeIn(tx: Tx, change: queries.NumberChange): Promise<void>
}

export function beginWork(
  ctx: Context,
  carrier: TwilioClient,
  taken: queries.NumberRow,
): VendorWork {
  let number = taken
  return {
    ctx,
    carrier,
    get number() {
      return number
    },
    write: (change) => inTransaction(ctx, (tx) => writeIn(tx, change)),
    writeIn,
  }

  async function writeIn(tx: Tx, change: queries.NumberChange): Promise<void> {
    const written = await queries.writeStep(tx.db, number, WORK_SECONDS, change)
    if (!written) throw new WorkLost()
    number = written
  }
}

/** Where Twilio turns to for our numbers. */
export const webhooksAt = ({
  gatewayUrl,
  fallbackUrl,
}: Pick<Vendors, 'gatewayUrl' | 'fallbackUrl'>): NumberWebhooks => ({
  voiceUrl: `${gatewayUrl}/twilio/voice`,
  voiceFallbackUrl: fallbackUrl,
  statusCallback: `${gatewayUrl}/twilio/status`,
})

/** What a number pointed at before it was ours; null where it was ours already. */
export function previousOf(
  ctx: Context,
  held: TwilioNumber,
): queries.NumberRow['previousWebhooks'] {
  if (held.voiceUrl === webhooksAt(ctx.vendors).voiceUrl) return null
  const { voiceUrl, voiceFallbackUrl, statusCallback, voiceApplicationSid, trunkSid } = held
  return { voiceUrl, voiceFallbackUrl, statusCallback, voiceApplicationSid, trunkSid }
}

/** The number as it is by now, whoever works on it. */
export const findCurrent = ({ ctx, number }: VendorWork): Promise<queries.NumberRow | undefined> =>
  read(ctx, (db) => queries.findNumber(db, tenantOf(ctx), number.id))

/** The agent of a number as ElevenLabs knows it. */
export function findAgentOf(
  ctx: Context,
  number: queries.NumberRow,
): Promise<{ elevenLabsAgentId: string | null } | undefined> {
  const { agentId } = number
  if (!agentId) return Promise.resolve(undefined)
  return read(ctx, (db) => queries.findAgent(db, tenantOf(ctx), agentId))
}
