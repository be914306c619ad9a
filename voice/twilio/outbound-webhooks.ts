import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import {
  type Admission,
  answerOutboundCall,
  noteAnsweredBy,
  noteOutboundStatus,
} from '#api/domains/calls/service.ts'
import { hangUp, sayAndHangUp } from '#api/vendors/twilio-webhooks.ts'
import type { Gateway } from '../gateway.ts'
import { noticeTexts } from '../notices.ts'
import { answeredByForm, statusForm, twiml, voiceForm } from './forms.ts'

// Whoever picked up says hello first; longer than this they hear nothing, and the carrier's voice takes over.
const NOTICE_MS = 400

// Part of the signed address: nobody but us wrote it.
const which = z.object({ organizationId: z.uuid(), callId: z.uuid() })

/** What Twilio asks and tells about calls that we placed; the address says which call of ours it is. */
export function outboundWebhooks(
  app: FastifyInstance,
  deps: {
    ctx: Context
    gateway: Gateway
    connect(admission: Admission): string
    /** Has words ready in a voice; resolves when it is done or failed. */
    warm(voiceId: string, text: string): Promise<void>
  },
): void {
  const { ctx, gateway } = deps

  app.post('/twilio/outbound/answer', async (request, reply) => {
    const [ours, asked] = [which.safeParse(request.query), voiceForm.safeParse(request.body)]
    if (!ours.success || !asked.success) return reply.code(400).send('')
    // Somebody is on the line: the little there is to say is said before it is cut.
    if (!gateway.hasRoomForAdmitted) return twiml(reply, sayAndHangUp(noticeTexts.farewell))
    const admission = await answerOutboundCall(ctx, {
      ...ours.data,
      twilioCallSid: asked.data.CallSid,
      twilioAccountSid: asked.data.AccountSid,
    })
    if (!admission) return twiml(reply, hangUp())
    gateway.prefetch(admission)
    const { voiceId, announcement } = admission
    // Made while the phone rang, maybe by another gateway: then it only has to be read.
    if (announcement) await Promise.race([deps.warm(voiceId, announcement), sleep(NOTICE_MS)])
    return twiml(reply, deps.connect(admission))
  })

  app.post('/twilio/outbound/status', async (request, reply) => {
    const [ours, told] = [which.safeParse(request.query), statusForm.safeParse(request.body)]
    if (!ours.success || !told.success) return reply.code(400).send('')
    const greeting = await noteOutboundStatus(ctx, { ...ours.data, ...told.data })
    if (greeting) void deps.warm(greeting.voiceId, greeting.announcement)
    return reply.code(204).send()
  })

  app.post('/twilio/outbound/answered-by', async (request, reply) => {
    const [ours, told] = [which.safeParse(request.query), answeredByForm.safeParse(request.body)]
    if (!ours.success || !told.success) return reply.code(400).send('')
    await noteAnsweredBy(ctx, { ...ours.data, ...told.data })
    return reply.code(204).send()
  })
}
