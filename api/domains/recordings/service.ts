import { createHash, randomUUIDv7 } from 'node:crypto'
import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { requireVisibleCall } from '#api/domains/calls/service.ts'
import type { getPeaks as peaksEndpoint } from './contract.ts'
import * as errors from './errors.ts'
import { recordingStored } from './events.ts'
import * as queries from './queries.ts'

export type Peaks = z.output<(typeof peaksEndpoint)['response']>

export { type RecordingFinding, verifyRecordings } from './verify.ts'

const LINK_SECONDS = 300 // THREATS B11: a read link lives five minutes at most.

/**
 * Keeps a call's stereo WAV, its waveform and its tape. Keys are made from the call, so doing it twice writes
 * the same objects and one row.
 */
export async function storeRecording(
  ctx: Context,
  made: {
    organizationId: string
    callId: string
    wav: Uint8Array
    tape: Uint8Array
    peaks: Peaks
    lostRecords: number
    isTorn: boolean
  },
): Promise<'stored' | 'known'> {
  const own = forOrganization(ctx, made.organizationId)
  const known = await read(own, (db) => queries.findRecording(db, made.organizationId, made.callId))
  if (known) return 'known'
  const key = `org/${made.organizationId}/${made.callId}`
  const { storage } = ctx.vendors
  await storage.put(`${key}.tape`, made.tape, 'application/octet-stream')
  await storage.put(
    `${key}.peaks.json`,
    Buffer.from(JSON.stringify(made.peaks)),
    'application/json',
  )
  await storage.put(`${key}.wav`, made.wav, 'audio/wav')
  return await inTransaction(own, async (tx) => {
    const row = await queries.insertRecording(tx.db, {
      organizationId: made.organizationId,
      id: randomUUIDv7(),
      callId: made.callId,
      storageKey: `${key}.wav`,
      tapeKey: `${key}.tape`,
      peaksKey: `${key}.peaks.json`,
      sha256: createHash('sha256').update(made.wav).digest('hex'),
      sizeBytes: made.wav.byteLength,
      durationMs: made.peaks.durationMs,
      lostRecords: made.lostRecords,
      isTorn: made.isTorn,
    })
    if (!row) return 'known'
    await tx.emit(recordingStored, { organizationId: made.organizationId, callId: made.callId })
    return 'stored'
  })
}

export async function getPeaks(ctx: Context, callId: string): Promise<Peaks> {
  const recording = await requireRecording(ctx, callId)
  const found = await ctx.vendors.storage.get(recording.peaksKey)
  if (!found) throw errors.objectMissing()
  return JSON.parse(await new Response(found.stream).text()) as Peaks
}

const linkBody = z.object({
  organizationId: z.uuid(),
  callId: z.uuid(),
  key: z.string(),
  expiresAt: z.number(),
})

/** A path (below the API's own address) that plays the recording for five minutes. */
export async function createRecordingLink(
  ctx: Context,
  callId: string,
): Promise<{ path: string; expiresAt: Date }> {
  const recording = await requireRecording(ctx, callId)
  const expiresAt = new Date(ctx.now().getTime() + LINK_SECONDS * 1000)
  await inTransaction(ctx, (tx) =>
    recordAudit(tx, { action: 'recordings.open', subject: `call:${callId}` }),
  )
  const text = Buffer.from(
    JSON.stringify({
      organizationId: recording.organizationId,
      callId,
      key: recording.storageKey,
      expiresAt: expiresAt.getTime(),
    } satisfies z.input<typeof linkBody>),
  ).toString('base64url')
  const token = `${text}.${ctx.signer.sign('recording-link', text)}`
  return { path: `/v1/recordings/${token}/audio`, expiresAt }
}

export type AudioPart = {
  stream: ReadableStream<Uint8Array>
  sizeBytes: number
  range: { start: number; end: number } | null
}

/** The bytes behind a link; `rangeHeader` as a browser sends it, null for all. */
export async function openRecordingLink(
  ctx: Context,
  token: string,
  rangeHeader: string | null,
): Promise<AudioPart> {
  const link = readLink(ctx, token)
  if (!link) throw errors.linkNotValid()
  const own = forOrganization(ctx, link.organizationId)
  const recording = await read(own, (db) =>
    queries.findRecording(db, link.organizationId, link.callId),
  )
  if (!recording || recording.storageKey !== link.key) throw errors.noRecording()
  const range = parseRange(rangeHeader, recording.sizeBytes)
  const found = await ctx.vendors.storage.get(recording.storageKey, range ?? undefined)
  if (!found) throw errors.objectMissing()
  return { stream: found.stream, sizeBytes: recording.sizeBytes, range }
}

/** One `bytes=a-b`, `bytes=a-` or `bytes=-n` range inside the object; anything else means the whole. */
export function parseRange(
  header: string | null,
  sizeBytes: number,
): { start: number; end: number } | null {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return null
  const start = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from)
  const end = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1)
  return start <= end && start < sizeBytes ? { start, end } : null
}

function readLink(ctx: Context, token: string): z.output<typeof linkBody> | null {
  const [text, signature] = token.split('.')
  if (!text || !signature || !ctx.signer.matches('recording-link', text, signature)) return null
  const link = linkBody.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
  return link.expiresAt >= ctx.now().getTime() ? link : null
}

async function requireRecording(ctx: Context, callId: string): Promise<queries.RecordingRow> {
  await requireVisibleCall(ctx, callId)
  const recording = await read(ctx, (db) => queries.findRecording(db, tenantOf(ctx), callId))
  if (!recording) throw errors.noRecording()
  return recording
}
