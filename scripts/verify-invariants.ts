import type { Environment } from '#api/core/config.ts'
import { type Report, verifyInvariants as verify } from '#api/domains/operations/service.ts'
import { withContext } from './context.ts'

export type { Finding, Report } from '#api/domains/operations/service.ts'

/** The same checks as the API's, without hurry. */
export const verifyInvariants = (environment: Environment): Promise<Report> =>
  withContext('verify', environment, (ctx) => verify(ctx))
