import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Clerk, type FirstFactor, firstFactors, type SignIn } from './context.ts'
import { changed, findClient, formOf, getOrAddClient, route } from './frontend.ts'
import {
  accountNotFound,
  identifierMissing,
  notFound,
  passwordWrong,
  strategyUnknown,
} from './refusals.ts'
import { signInResource } from './resources.ts'
import { type Client, newId, type User } from './store.ts'
import { passwordMatches } from './users.ts'

type Step = { client: Client; attempt: SignIn; user: User; form: Record<string, string> }

export function signInRoutes(app: FastifyInstance, clerk: Clerk): void {
  const path = '/v1/client/sign_ins'

  const step = (request: FastifyRequest): Step => {
    const { client, attempt } = getAttempt(clerk, request)
    if (!attempt.user) throw identifierMissing()
    return { client, attempt, user: attempt.user, form: formOf(request) }
  }
  const answer = (request: FastifyRequest, reply: FastifyReply, client: Client, attempt: SignIn) =>
    changed(clerk, request, reply, client, signInResource(clerk, attempt))

  route(app, path, {
    async post(request, reply) {
      const form = formOf(request)
      const attempt: SignIn = { id: newId('sia'), status: 'needs_identifier' }
      if (form.identifier) identify(clerk, attempt, form.identifier)
      if (form.password !== undefined) await tryPassword(attempt, form.password)

      const client = getOrAddClient(clerk, request)
      if (attempt.verification) complete(clerk, client, attempt)
      else clerk.attempts.beginSignIn(client, attempt)
      return answer(request, reply, client, attempt)
    },
  })

  route(app, `${path}/:id`, {
    get(request, reply) {
      const { client, attempt } = getAttempt(clerk, request)
      return answer(request, reply, client, attempt)
    },
  })

  route(app, `${path}/:id/prepare_first_factor`, {
    async post(request, reply) {
      const { client, attempt, user, form } = step(request)
      const strategy = factor(form.strategy)
      if (strategy === 'password') throw strategyUnknown(strategy)
      const purpose = strategy === 'email_code' ? 'sign in' : 'reset your password'
      attempt.code = await clerk.codes.send(user.email, purpose)
      attempt.verification = { strategy, status: 'unverified' }
      return answer(request, reply, client, attempt)
    },
  })

  route(app, `${path}/:id/attempt_first_factor`, {
    async post(request, reply) {
      const { client, attempt, form } = step(request)
      const strategy = factor(form.strategy)
      if (strategy === 'password') await tryPassword(attempt, form.password ?? '')
      else tryCode(clerk, attempt, strategy, form.code)

      if (strategy === 'reset_password_email_code') attempt.status = 'needs_new_password'
      else complete(clerk, client, attempt)
      return answer(request, reply, client, attempt)
    },
  })

  route(app, `${path}/:id/reset_password`, {
    async post(request, reply) {
      const { client, attempt, user, form } = step(request)
      if (attempt.status !== 'needs_new_password') throw notFound('Password reset')
      await clerk.users.update(user, { password: form.password ?? '' })
      complete(clerk, client, attempt)
      return answer(request, reply, client, attempt)
    },
  })
}

function identify(clerk: Clerk, attempt: SignIn, identifier: string): void {
  const user = clerk.store.findUserByEmail(identifier)
  if (!user) throw accountNotFound()
  Object.assign(attempt, { user, identifier, status: 'needs_first_factor' })
}

async function tryPassword(attempt: SignIn, password: string): Promise<void> {
  if (!attempt.user) throw identifierMissing()
  if (!(await passwordMatches(attempt.user, password))) throw passwordWrong()
  attempt.verification = { strategy: 'password', status: 'verified' }
}

function tryCode(
  clerk: Clerk,
  attempt: SignIn,
  strategy: FirstFactor,
  code: string | undefined,
): void {
  // A code mailed to reset a password does not sign in, nor the other way round.
  if (attempt.verification?.strategy !== strategy) throw strategyUnknown(strategy)
  clerk.codes.check(attempt.code, code)
  delete attempt.code
  attempt.verification = { strategy, status: 'verified' }
}

function complete(clerk: Clerk, client: Client, attempt: SignIn): void {
  if (!attempt.user) throw identifierMissing()
  clerk.users.signedIn(attempt.user)
  attempt.sessionId = clerk.store.addSession(client, attempt.user.id, clerk.now()).id
  attempt.status = 'complete'
  clerk.attempts.end(client)
}

function getAttempt(clerk: Clerk, request: FastifyRequest): { client: Client; attempt: SignIn } {
  const { id } = z.object({ id: z.string() }).parse(request.params)
  const client = findClient(clerk, request)
  const attempt = client && clerk.attempts.signIn(client)
  if (!client || attempt?.id !== id) throw notFound('Sign in')
  return { client, attempt }
}

function factor(strategy: string | undefined): FirstFactor {
  const known = firstFactors.find((one) => one === strategy)
  if (!known) throw strategyUnknown(strategy ?? '')
  return known
}
