import { type Report, verifyInvariants as verify } from '#api/domains/operations/service.ts'
import { withContext } from './context.ts'

export type { Finding, Report } from '#api/domains/operations/service.ts'

/** The same checks as the API's, without hurry. */
export const verifyInvariants = (environment: Record<string, string>): Promise<Report> =>
  withContext('verify', environment, (ctx) => verify(ctx))
