import { finished } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Answer, Endpoint, Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { unavailable } from '#api/core/errors.ts'
import { inputs } from './serve.ts'

export type Upload = { bytes: Buffer; mediaType: string }

const AT_ONCE = 4 // files in this process's memory: eighty megabytes at the most
const RETRY_AFTER_SECONDS = 2

/** Serves an endpoint whose body is a file: bounded in size and in number, and handed over as it is. */
export function serveUpload<E extends Endpoint & { upload: NonNullable<Endpoint['upload']> }>(
  app: FastifyInstance,
  declared: E,
  handle: (ctx: Context, received: Received<E>, file: Upload) => Promise<Answer<E>>,
): void {
  const { mediaTypes, maxBytes } = declared.upload
  const status = declared.status ?? 200
  let running = 0
  // A scope of its own, since the parsers below must not see the JSON of other endpoints.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      [...mediaTypes],
      { parseAs: 'buffer', bodyLimit: maxBytes },
      (_request, body, done) => done(null, body),
    )
    scope.route({
      method: declared.method,
      url: declared.path,
      bodyLimit: maxBytes,
      config: { endpoint: declared },
      schema: { ...inputs(declared), response: { [status]: declared.response } },
      // After the guards, before the first byte of the file is read.
      preParsing: async (_request, reply, payload) => {
        if (running >= AT_ONCE) throw unavailable(RETRY_AFTER_SECONDS)
        running++
        // Whatever becomes of the request, its place is given back once.
        finished(reply.raw, () => running--)
        return payload
      },
      handler: async (request, reply) => {
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        const mediaType = mediaTypeOf(request.headers['content-type'])
        const input = { params: request.params, query: request.query } as Received<E>
        const answer = await handle(request.ctx, input, { bytes, mediaType })
        return reply.code(status).send(answer)
      },
    })
  })
}

const mediaTypeOf = (header: string | undefined): string =>
  (header ?? '').split(';')[0]!.trim().toLowerCase()
