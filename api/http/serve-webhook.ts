import type { FastifyInstance } from 'fastify'
import type { Context } from '#api/core/context.ts'
import { MAX_WEBHOOK_BYTES } from '#api/core/http-limits.ts'
import type { Webhook } from './request.ts'

/** A delivery as it arrived: signatures are over these very bytes. */
export type Delivery = {
  body: Buffer
  /** Lower-case names; a repeated header keeps its first value. */
  header(name: string): string | undefined
}

/**
 * Serves a vendor's webhook with its raw body. It stands in the route list like an endpoint does; the
 * handler verifies, and answers by returning (the text, of one that has any) or by throwing a `DomainError`.
 */
export function serveWebhook(
  app: FastifyInstance,
  declared: Pick<Webhook, 'vendor' | 'path'> & Partial<Webhook>,
  handle: (ctx: Context, delivery: Delivery) => Promise<string> | Promise<void>,
): void {
  const webhook: Webhook = { limitBytes: MAX_WEBHOOK_BYTES, answer: 'nothing', ...declared }
  // A scope of its own, since the parser below must not see the JSON of the API's endpoints.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: webhook.limitBytes },
      (_request, body, done) => done(null, body),
    )
    scope.route({
      method: 'POST',
      url: webhook.path,
      bodyLimit: webhook.limitBytes,
      config: { webhook },
      handler: async (request, reply) => {
        const ctx: Context = {
          ...request.ctx,
          actor: { kind: 'webhook', vendor: webhook.vendor },
          log: request.ctx.log.child({ vendor: webhook.vendor }),
        }
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        const header = (name: string) => firstOf(request.headers[name])
        const text = await handle(ctx, { body, header })
        if (webhook.answer === 'nothing') return reply.code(204).send()
        return reply.type(`${webhook.answer}; charset=utf-8`).send(text ?? '')
      },
    })
  })
}

const firstOf = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value
