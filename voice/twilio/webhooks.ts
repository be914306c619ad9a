import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { recordRejection } from '#api/core/inbox/service.ts'
import { traceparent } from '#api/core/tracing.ts'
import {
  type Admission,
  admitInboundCall,
  noteCarrierStatus,
  platformBusy,
  registerCall,
  resumeCall,
} from '#api/domains/calls/service.ts'
import {
  askAgain,
  connectStream,
  hangUp,
  isSignedByTwilio,
  precede,
  sayAndHangUp,
} from '#api/vendors/twilio-webhooks.ts'
import type { Gateway } from '../gateway.ts'
import { DEFAULT_REFUSAL, type NoticeBook, noticeTexts } from '../notices.ts'
import { Fallbacks, fallbackWebhooks } from './fallback.ts'
import { statusForm, twiml, voiceForm } from './forms.ts'
import type { Announced } from './frames.ts'
import { outboundWebhooks } from './outbound-webhooks.ts'

const MAX_FORM_BYTES = 65_536 // Twilio's form posts are 1 to 2 KiB
// A caller whose gateway died waits this long for a database that is away, then is told (THREATS F2).
const RESUME_TRIES = 5
const RESUME_PAUSE_SECONDS = 2

const form = z.record(z.string(), z.union([z.string(), z.array(z.string())]))
// Part of the signed address, so it is our own count.
const resumeQuery = z.object({ tries: z.coerce.number().int().min(0).max(100).catch(0) })

export type TwilioWebhookDeps = {
  ctx: Context
  gateway: Gateway
  notices: NoticeBook
  /** As configured at Twilio: signatures are over this address. */
  publicVoiceUrl: string
  refused(check: string): void
}

/** Twilio's questions about a call: verified, answered with TwiML. */
export async function twilioWebhooks(app: FastifyInstance, deps: TwilioWebhookDeps): Promise<void> {
  await app.register(formbody, { bodyLimit: MAX_FORM_BYTES })
  const ctx: Context = { ...deps.ctx, actor: { kind: 'webhook', vendor: 'twilio' } }

  app.addHook('preHandler', async (request, reply) => {
    if (!(await isGenuine(deps, request))) {
      deps.refused('twilio_signature')
      const bytes = Number(request.headers['content-length'] ?? 0)
      await recordRejection(ctx, 'twilio', 'signature', bytes)
      return reply.code(403).send('')
    }
  })

  const fallbacks = new Fallbacks(ctx, deps.publicVoiceUrl)
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const asked = voiceForm.safeParse(request.body)
    if (!asked.success) return reply.code(400).send('')
    const { From: from, To: to } = asked.data
    try {
      if (!deps.gateway.hasRoom) throw platformBusy()
      const call = {
        from,
        to,
        twilioCallSid: asked.data.CallSid,
        twilioAccountSid: asked.data.AccountSid,
      }
      const admission = await admitInboundCall(ctx, call)
      if (admission.route === 'registered') {
        const document = await registerCall(ctx, admission, call)
        const recordingUrl = `${deps.publicVoiceUrl}/twilio/recording`
        return twiml(reply, precede(document, { say: admission.announcement, recordingUrl }))
      }
      deps.gateway.prefetch(admission)
      return twiml(reply, connect(deps, admission))
    } catch (error) {
      return twiml(reply, await fallbacks.answer(to, error))
    }
  }

  app.post('/twilio/voice', answer)

  // Asked when a media stream has ended, for whatever reason: the call is over, or its gateway died.
  app.post('/twilio/resume', (request, reply) =>
    resume(ctx, deps, request, reply, async () => twiml(reply, hangUp())),
  )

  // Twilio got nothing of use and asked the API, which sent it here: nobody is left with an error announcement.
  app.post('/twilio/fallback', (request, reply) => {
    ctx.log.warn({}, 'the carrier fell back')
    return resume(ctx, deps, request, reply, async (why) =>
      // Nobody has heard of the call yet: whoever should have answered did not, so we try.
      why === 'unknown_call'
        ? await answer(request, reply)
        : twiml(reply, sayAndHangUp(DEFAULT_REFUSAL)),
    )
  })

  fallbackWebhooks(app, ctx)
  outboundWebhooks(app, {
    ctx,
    gateway: deps.gateway,
    connect: (admission) => connect(deps, admission),
    warm: (voiceId, text) => deps.notices.warm(voiceId, text),
  })

  app.post('/twilio/status', async (request, reply) => {
    await noteStatus(ctx, request)
    return reply.code(204).send()
  })
}

/** Signed with the token of the account that the request names, the platform's or a tenant's (THREATS B2). */
async function isGenuine(deps: TwilioWebhookDeps, request: FastifyRequest): Promise<boolean> {
  const body = form.safeParse(request.body ?? {})
  const signature = request.headers['x-twilio-signature']
  const accountSid = body.data?.AccountSid
  if (!body.success || typeof signature !== 'string' || typeof accountSid !== 'string') return false
  const carrier = await deps.gateway.carriers.find(accountSid)
  const url = `${deps.publicVoiceUrl}${request.raw.url ?? ''}`
  return (
    carrier !== null && isSignedByTwilio(carrier.credentials().authToken, signature, url, body.data)
  )
}

async function resume(
  ctx: Context,
  deps: TwilioWebhookDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  whenOver: (why: string) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const asked = voiceForm.safeParse(request.body)
  if (!asked.success) return reply.code(400).send('')
  try {
    // Room first: a token that nobody can use would be one of the call's few resumes.
    if (!deps.gateway.hasRoomForAdmitted) return twiml(reply, later(deps, request))
    const { CallSid: twilioCallSid, AccountSid: twilioAccountSid } = asked.data
    const answer = await resumeCall(ctx, { twilioCallSid, twilioAccountSid })
    if (answer.resumed) {
      deps.gateway.prefetch(answer.resumed)
      return twiml(reply, connect(deps, answer.resumed, answer))
    }
    // The caller is still there and nobody else will tell (THREATS F2).
    const isCutOff = answer.why === 'resumed_too_often'
    if (isCutOff) return twiml(reply, sayAndHangUp(noticeTexts.farewell))
    return await whenOver(answer.why)
  } catch (error) {
    ctx.log.warn({ err: error }, 'a call could not be resumed now')
    return twiml(reply, later(deps, request))
  }
}

/** The caller is asked for a little patience a few times, then told. */
function later(deps: TwilioWebhookDeps, request: FastifyRequest): string {
  const { tries } = resumeQuery.parse(request.query)
  if (tries >= RESUME_TRIES) return sayAndHangUp(DEFAULT_REFUSAL)
  const url = `${deps.publicVoiceUrl}/twilio/resume?tries=${tries + 1}`
  return askAgain(url, RESUME_PAUSE_SECONDS)
}

async function noteStatus(ctx: Context, request: FastifyRequest): Promise<void> {
  const told = statusForm.safeParse(request.body)
  if (told.success) await noteCarrierStatus(ctx, told.data)
}

/** Each account's media is signed with its own token. */
const mediaPath = ({ ctx }: TwilioWebhookDeps, { twilioAccountSid }: Admission): string =>
  twilioAccountSid === ctx.vendors.twilio.accountSid ? '/twilio/media' : '/twilio/own-media'

function connect(
  deps: TwilioWebhookDeps,
  admission: Admission,
  resumption?: { isAnnounced: boolean },
): string {
  // The agent's own voice says the announcement where it is at hand; else the carrier's does, before the stream.
  const text = admission.announcement
  const inVoice = text !== null && deps.notices.find(admission.voiceId, text) !== undefined
  if (text !== null && !inVoice) void deps.notices.warm(admission.voiceId, text)
  // What a first stream did not bring to its end is not left to a second one.
  const isSaid = text !== null && (resumption ? !resumption.isAnnounced : !inVoice)
  const announced: Announced = isSaid
    ? 'by_carrier'
    : resumption?.isAnnounced
      ? 'earlier'
      : 'not_yet'
  const trace = traceparent()
  return connectStream({
    streamUrl: `${deps.publicVoiceUrl.replace(/^http/, 'ws')}${mediaPath(deps, admission)}`,
    parameters: {
      organizationId: admission.organizationId,
      callId: admission.callId,
      token: admission.streamToken,
      announced,
      // The carrier hands it to whichever gateway gets the stream: the call's trace begins where it rang.
      ...(trace !== undefined && { traceparent: trace }),
    },
    resumeUrl: `${deps.publicVoiceUrl}/twilio/resume`,
    say: isSaid ? text : undefined,
  })
}
