import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Faults } from '../kit/faults.ts'
import { listen, vendorServer } from '../kit/http.ts'
import type { Journal } from '../kit/journal.ts'
import { embeddingRoutes } from './embedding-routes.ts'
import { invalid, noKey, Refusal, unknownUrl, wrongKey } from './refusals.ts'

export type OpenAiOptions = {
  port: number
  host?: string
  apiKey: string
  journal: Journal
  faults: Faults
}
export type OpenAiStandIn = { url: string; close(): Promise<void> }

/** OpenAI as far as the product asks it: embeddings. The address carries `/v1`, as the SDK wants it. */
export async function startOpenAi(options: OpenAiOptions): Promise<OpenAiStandIn> {
  const { apiKey, journal, faults, port, host } = options
  const app = vendorServer({ vendor: 'openai', journal, faults })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', `req_${randomBytes(16).toString('hex')}`)
    const given = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (given === undefined) throw noKey()
    if (given !== apiKey) throw wrongKey()
  })
  answerWithErrors(app)
  embeddingRoutes(app)
  const url = await listen(app, port, host)
  return { url: `${url}/v1`, close: () => app.close() }
}

function answerWithErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    const refusal =
      error instanceof Refusal
        ? error
        : invalid('We could not parse the JSON body of your request.')
    return reply.code(refusal.status).send(refusal.body)
  })
  app.setNotFoundHandler((request, reply) => {
    const refusal = unknownUrl(request.method, request.url)
    return reply.code(refusal.status).send(refusal.body)
  })
}
