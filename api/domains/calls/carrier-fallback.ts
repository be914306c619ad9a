import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { invalidRequest } from '#api/core/errors.ts'
import { recordRejection } from '#api/core/inbox/service.ts'
import type { Metrics } from '#api/core/metrics.ts'
import { TWILIO_FALLBACK_PATH } from '#api/core/vendors.ts'
import { findCarrierBySid } from '#api/domains/carrier-accounts/service.ts'
import { serveWebhook } from '#api/http/serve-webhook.ts'
import { askAgain, isSignedByTwilio, sayAndHangUp } from '#api/vendors/twilio-webhooks.ts'

/** What a caller hears whose call cannot go on. */
export const FAREWELL = 'I am sorry, we have a technical problem. Please call again later. Goodbye.'

const WAIT_SECONDS = 10 // a gateway that was killed is back by then, and nobody listens to silence for longer
const PAUSE_SECONDS = 1
const NOT_FETCHED = /^11\d{3}$/ // Twilio's numbers for what went wrong with HTTP; 12xxx is a document it refused

const form = z.object({
  AccountSid: z.string().max(64),
  ErrorCode: z.string().max(10).optional(),
  ErrorUrl: z.string().max(2_048).optional(),
})

/**
 * Where Twilio turns when it gets nothing from the gateways: served here, because at their own address it would
 * find as little. The caller waits in silence while they are asked again, and is told when none comes back
 * (THREATS F2).
 */
export async function carrierFallback(app: FastifyInstance, metrics: Metrics): Promise<void> {
  const declared = { vendor: 'twilio', path: TWILIO_FALLBACK_PATH, answer: 'text/xml' } as const
  serveWebhook(app, declared, async (ctx, { body, header }) => {
    const params = paramsIn(body)
    const told = form.safeParse(params)
    const isGenuine =
      told.success &&
      (await isOurs(ctx, told.data.AccountSid, header('x-twilio-signature'), params))
    if (!isGenuine) {
      metrics.webhooks.inc({ vendor: 'twilio', outcome: 'forged' })
      ctx.log.warn({}, 'a webhook was not genuine')
      await recordRejection(ctx, 'twilio', 'signature', body.length)
      throw invalidRequest('The signature does not fit this request.')
    }
    const { ErrorCode: errorCode, ErrorUrl: errorUrl } = told.data
    const next = whatToAsk(ctx, told.data)
    ctx.log.warn({ errorCode, errorUrl, isAskedAgain: next !== null }, 'the carrier fell back')
    metrics.webhooks.inc({ vendor: 'twilio', outcome: next ? 'asked again' : 'given up' })
    return next ? askAgain(next, PAUSE_SECONDS) : sayAndHangUp(FAREWELL)
  })
}

async function isOurs(
  ctx: Context,
  accountSid: string,
  signature: string | undefined,
  params: Record<string, string | string[]>,
): Promise<boolean> {
  if (signature === undefined) return false
  const carrier = await findCarrierBySid(ctx, accountSid)
  const token = carrier?.credentials().authToken
  return token !== undefined && isSignedByTwilio(token, signature, ctx.vendors.fallbackUrl, params)
}

/**
 * The gateways' address that failed, or theirs for calls that somebody else's failed; null where they were waited
 * for long enough. Twilio signs what it tells us, so `until` (Unix seconds) is our own. That it names the address
 * (`ErrorUrl`) is not confirmed: where it does not, nobody could say when to give up, and the call ends at once.
 */
function whatToAsk(
  ctx: Context,
  { ErrorCode: code = '', ErrorUrl: failed }: z.output<typeof form>,
): string | null {
  if (failed === undefined || !URL.canParse(failed)) return null
  const { gatewayUrl } = ctx.vendors
  const isGateways = failed.startsWith(`${gatewayUrl}/twilio/`)
  const isAskedAgain = isGateways && NOT_FETCHED.test(code)
  const seconds = Math.floor(ctx.now().getTime() / 1000)
  const known = isGateways ? new URL(failed).searchParams.get('until') : null
  const until = Number(known ?? seconds + WAIT_SECONDS)
  if (seconds >= until) return null
  const url = new URL(isAskedAgain ? failed : `${gatewayUrl}/twilio/fallback`)
  url.searchParams.set('until', String(until))
  return url.href
}

function paramsIn(body: Buffer): Record<string, string | string[]> {
  const fields = new URLSearchParams(body.toString('utf8'))
  return Object.fromEntries(
    [...new Set(fields.keys())].map((name) => {
      const all = fields.getAll(name)
      return [name, all.length > 1 ? all : (all[0] ?? '')]
    }),
  )
}
