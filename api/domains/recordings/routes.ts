import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import type { FastifyInstance } from 'fastify'
import { serve, serveBytes } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { createRecordingLink, getPeaks, openRecordingLink } from './service.ts'

export async function recordingRoutes(
  app: FastifyInstance,
  options: { publicApiUrl: string },
): Promise<void> {
  serve(app, api.getPeaks, (ctx, { params }) => getPeaks(ctx, params.callId))
  serve(app, api.createRecordingLink, async (ctx, { params }) => {
    const { path, expiresAt } = await createRecordingLink(ctx, params.callId)
    return { url: `${options.publicApiUrl}${path}`, expiresAt }
  })
  serveBytes(app, api.getRecordingAudio, async (ctx, { params }, { request, reply }) => {
    const part = await openRecordingLink(ctx, params.token, request.headers.range ?? null)
    reply.header('content-type', 'audio/wav').header('accept-ranges', 'bytes')
    if (part.range) {
      const { start, end } = part.range
      reply
        .code(206)
        .header('content-range', `bytes ${start}-${end}/${part.sizeBytes}`)
        .header('content-length', end - start + 1)
    } else reply.header('content-length', part.sizeBytes)
    // The DOM's and Node's types of the same stream differ in name only.
    return reply.send(Readable.fromWeb(part.stream as NodeReadableStream<Uint8Array>))
  })
}
