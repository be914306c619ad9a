import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { getTranscript } from './service.ts'

export async function transcriptRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.getTranscript, (ctx, { params }) => getTranscript(ctx, params.callId))
}
