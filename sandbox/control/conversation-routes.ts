import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ElevenLabsStandIn } from '../elevenlabs/start.ts'
import { notFound } from './problems.ts'

const dropBody = z.strictObject({
  code: z.int().min(1000).max(4999).default(1011),
  reason: z.string().max(100).default('dropped from the control page'),
})

/** The agent's conversations as they run, and a way to lose one at a chosen moment. */
export function conversationRoutes(app: FastifyInstance, elevenLabs: ElevenLabsStandIn): void {
  app.get('/sandbox/conversations', async () =>
    elevenLabs.live().map(({ conversationId }) => ({ conversationId })),
  )
  app.post('/sandbox/conversations/:id/drop', async (request) => {
    const { id } = z.object({ id: z.string() }).parse(request.params)
    const { code, reason } = dropBody.parse(request.body ?? {})
    const running = elevenLabs.live().find((one) => one.conversationId === id)
    if (!running) throw notFound('live conversation')
    running.drop(code, reason)
    return { conversationId: id, code }
  })
}
