import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import type { Journal } from '../kit/journal.ts'

/** A refusal in one of the three shapes that are live on the real service. */
export class VendorProblem extends Error {
  readonly status: number
  readonly body: unknown

  constructor(status: number, body: unknown) {
    super(`answered ${status}`)
    this.status = status
    this.body = body
  }
}

export type FieldProblem = { loc: (string | number)[]; msg: string; type: string }

export const notFound = (what: string, id: string) =>
  current(404, 'not_found', 'not_found', `${what} with id ${id} was not found.`)

export const badRequest = (code: string, message: string) =>
  current(400, 'validation_error', code, message)

export const invalidApiKey = () =>
  new VendorProblem(401, { detail: { status: 'invalid_api_key', message: 'Invalid API key' } })

export const unprocessable = (...detail: FieldProblem[]) => new VendorProblem(422, { detail })

/** Parses or refuses with the list of fields, as the real service's validator does. */
export function parse<T extends z.ZodType>(
  schema: T,
  value: unknown,
  part: 'body' | 'query',
): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw unprocessable(
    ...result.error.issues.map((issue) => {
      const isMissing = issue.message.endsWith('received undefined')
      return {
        loc: [part, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))],
        msg: isMissing ? 'Field required' : issue.message,
        type: isMissing ? 'missing' : issue.code,
      }
    }),
  )
}

export function answerProblems(app: FastifyInstance, journal: Journal): void {
  app.addHook('onSend', async (_request, reply) => {
    const id = `req_${randomUUID()}`
    reply.header('request-id', id).header('x-request-id', id)
  })
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send({ detail: `Not Found: ${request.method} ${request.url}` })
  })
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof VendorProblem) return reply.code(error.status).send(error.body)
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
      return reply.code(413).send({ detail: { status: 'file_too_large', message: 'Too large' } })
    if (code.startsWith('FST_ERR_CTP') || error instanceof SyntaxError)
      return reply.code(422).send({
        detail: [{ loc: ['body', 0], msg: 'JSON decode error', type: 'json_invalid' }],
      })
    const note = error instanceof Error ? (error.stack ?? error.message) : String(error)
    journal.record({ vendor: 'elevenlabs', kind: 'note', path: request.url, note })
    return reply.code(500).send({
      detail: { status: 'internal_error', message: 'The stand-in failed; see its journal' },
    })
  })
}

function current(status: number, type: string, code: string, message: string): VendorProblem {
  return new VendorProblem(status, {
    detail: { type, code, message, status: code, request_id: `req_${randomUUID()}`, param: null },
  })
}
