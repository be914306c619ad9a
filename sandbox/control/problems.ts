import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Refusal } from '../clerk/refusals.ts'
import { Refusal as StripeRefusal } from '../stripe/refusals.ts'

/** A refusal of the control API, answered as problem+json like the product's own. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export const notFound = (what: string) =>
  new Problem(404, `sandbox.${what}_not_found`, `There is no such ${what}.`)
export const conflict = (code: string, message: string) =>
  new Problem(409, `sandbox.${code}`, message)

export function problemAnswers(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    const { problem, errors } = describe(error)
    return reply
      .code(problem.status)
      .type('application/problem+json')
      .send({
        code: problem.code,
        status: problem.status,
        title: problem.message,
        ...(errors ? { errors } : {}),
      })
  })
  app.setNotFoundHandler(() => {
    throw notFound('page')
  })
}

function describe(error: unknown): {
  problem: Problem
  errors?: { path: string; message: string }[]
} {
  if (error instanceof Problem) return { problem: error }
  if (error instanceof Refusal)
    return { problem: new Problem(error.status, `sandbox.${error.code}`, error.message) }
  if (error instanceof StripeRefusal)
    return {
      problem: new Problem(
        error.status,
        `sandbox.${error.body.code ?? 'stripe_refused'}`,
        error.message,
      ),
    }
  if (error instanceof z.ZodError) {
    const errors = error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: issue.message,
    }))
    const title = errors.map(({ path, message }) => `${path || 'body'}: ${message}`).join('; ')
    return { problem: new Problem(422, 'sandbox.invalid', title), errors }
  }
  const message = error instanceof Error ? error.message : String(error)
  // Limits of the parts below: too long a text, too many rules, a pattern that does not compile.
  if (error instanceof RangeError || error instanceof SyntaxError)
    return { problem: new Problem(422, 'sandbox.invalid', message) }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  const code = status >= 400 && status < 500 ? 'sandbox.request_invalid' : 'sandbox.internal'
  return { problem: new Problem(status, code, message) }
}
