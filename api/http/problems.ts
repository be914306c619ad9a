import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { Problem } from '#api/contract/problem.ts'
import { DomainError, invalidRequest, notFound, VendorError } from '#api/core/errors.ts'

const VENDOR_RETRY_SECONDS = 5 // long enough for a vendor's hiccup, short enough for a person to wait

export const vendorUnavailable = () =>
  new DomainError('vendor.unavailable', 503, 'A service we depend on does not answer now.', {
    retryAfterSeconds: VENDOR_RETRY_SECONDS,
  })
export const vendorFailed = () =>
  new DomainError('vendor.failed', 502, 'A service we depend on refused what was asked.')
export const bodyTooLarge = () =>
  new DomainError('request.too_large', 413, 'The body is larger than this operation takes.')
export const unsupportedMediaType = () =>
  new DomainError('request.unsupported_media_type', 415, 'Send the body as application/json.')
export const internal = () => new DomainError('request.internal', 500, 'Internal error.')

/** Every answer that is not the promised one leaves here, as `application/problem+json` (RFC 9457). */
export function answerWithProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: unknown, request, reply) => {
    const refusal = refusalOf(error)
    if (refusal.status >= 500 && !(error instanceof DomainError))
      request.ctx.log.error({ err: error, route: request.routeOptions.url }, 'a request failed')
    return sendProblem(request, reply, refusal)
  })
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, notFound('path')))
}

export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: DomainError,
): FastifyReply {
  if (refusal.retryAfterSeconds !== undefined)
    reply.header('retry-after', refusal.retryAfterSeconds)
  if (refusal.status === 401) reply.header('www-authenticate', 'Bearer')
  return reply
    .code(refusal.status)
    .type('application/problem+json')
    .serializer((body: Problem) => JSON.stringify(body))
    .send(problemOf(refusal, request.id))
}

function problemOf(refusal: DomainError, requestId: string): Problem {
  return {
    type: `urn:voxcalls:problem:${refusal.code}`,
    title: STATUS_CODES[refusal.status] ?? 'Error',
    status: refusal.status,
    detail: refusal.message,
    code: refusal.code,
    requestId,
    ...(refusal.fields && { errors: refusal.fields }),
  }
}

function refusalOf(error: unknown): DomainError {
  if (error instanceof DomainError) return error
  if (error instanceof VendorError) return error.retryable ? vendorUnavailable() : vendorFailed()
  if (hasZodFastifySchemaValidationErrors(error)) return invalidInput(error)
  return frameworkRefusal(error as FastifyError)
}

function invalidInput(error: {
  validation: { instancePath: string; message?: string | undefined }[]
  validationContext?: string | undefined
}): DomainError {
  const where = error.validationContext === 'querystring' ? 'query' : error.validationContext
  const fields = error.validation.map(({ instancePath, message }) => ({
    path: `${where ?? ''}${instancePath}`.replaceAll('/', '.'),
    message: message ?? 'is not valid',
  }))
  return invalidRequest('Some fields are not valid.', fields)
}

/** Fastify's own refusals carry a status; its words name internals, so they are not passed on. */
function frameworkRefusal(error: FastifyError): DomainError {
  const status = error?.statusCode
  if (status === 413) return bodyTooLarge()
  if (status === 415) return unsupportedMediaType()
  if (status === 404) return notFound('path')
  if (status !== undefined && status >= 400 && status < 500)
    return invalidRequest('The request could not be read.')
  return internal()
}
