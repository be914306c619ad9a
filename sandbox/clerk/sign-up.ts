import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Clerk, SignUp } from './context.ts'
import { changed, findClient, formOf, getOrAddClient, route } from './frontend.ts'
import { emailMalformed, emailTaken, notFound, strategyUnknown } from './refusals.ts'
import { signUpResource } from './resources.ts'
import { type Client, newId, normalizeEmail } from './store.ts'
import { checkPassword } from './users.ts'

export function signUpRoutes(app: FastifyInstance, clerk: Clerk): void {
  const path = '/v1/client/sign_ups'
  const answer = (request: FastifyRequest, reply: FastifyReply, client: Client, attempt: SignUp) =>
    changed(clerk, request, reply, client, signUpResource(clerk, attempt))

  route(app, path, {
    post(request, reply) {
      const attempt: SignUp = { id: newId('sua'), status: 'missing_requirements', verified: false }
      fill(clerk, attempt, formOf(request))
      const client = getOrAddClient(clerk, request)
      clerk.attempts.beginSignUp(client, attempt)
      return answer(request, reply, client, attempt)
    },
  })

  route(app, `${path}/:id`, {
    get(request, reply) {
      const { client, attempt } = getAttempt(clerk, request)
      return answer(request, reply, client, attempt)
    },
    async patch(request, reply) {
      const { client, attempt } = getAttempt(clerk, request)
      fill(clerk, attempt, formOf(request))
      await completeWhenReady(clerk, client, attempt)
      return answer(request, reply, client, attempt)
    },
  })

  route(app, `${path}/:id/prepare_verification`, {
    async post(request, reply) {
      const { client, attempt } = getAttempt(clerk, request)
      const { strategy } = formOf(request)
      if (strategy !== 'email_code') throw strategyUnknown(strategy ?? '')
      if (!attempt.email) throw emailMalformed()
      attempt.code = await clerk.codes.send(attempt.email, 'sign up')
      return answer(request, reply, client, attempt)
    },
  })

  route(app, `${path}/:id/attempt_verification`, {
    async post(request, reply) {
      const { client, attempt } = getAttempt(clerk, request)
      clerk.codes.check(attempt.code, formOf(request).code)
      attempt.verified = true
      await completeWhenReady(clerk, client, attempt)
      return answer(request, reply, client, attempt)
    },
  })
}

function fill(clerk: Clerk, attempt: SignUp, form: Record<string, string>): void {
  if (form.email_address !== undefined) changeEmail(clerk, attempt, form.email_address)
  if (form.password !== undefined) {
    checkPassword(form.password)
    attempt.password = form.password
  }
  attempt.firstName = form.first_name ?? attempt.firstName
  attempt.lastName = form.last_name ?? attempt.lastName
}

function changeEmail(clerk: Clerk, attempt: SignUp, address: string): void {
  const email = z.email().safeParse(normalizeEmail(address)).data
  if (!email) throw emailMalformed()
  if (clerk.store.findUserByEmail(email)) throw emailTaken()
  if (email === attempt.email) return
  // A code proves one address: another address needs a new one.
  attempt.email = email
  attempt.verified = false
  delete attempt.code
}

async function completeWhenReady(clerk: Clerk, client: Client, attempt: SignUp): Promise<void> {
  const { email, password, firstName, lastName } = attempt
  if (!email || !password || !attempt.verified) return
  const user = await clerk.users.create({ email, password, firstName, lastName })
  clerk.users.signedIn(user)
  attempt.userId = user.id
  attempt.sessionId = clerk.store.addSession(client, user.id, clerk.now()).id
  attempt.status = 'complete'
  clerk.attempts.end(client)
}

function getAttempt(clerk: Clerk, request: FastifyRequest): { client: Client; attempt: SignUp } {
  const { id } = z.object({ id: z.string() }).parse(request.params)
  const client = findClient(clerk, request)
  const attempt = client && clerk.attempts.signUp(client)
  if (!client || attempt?.id !== id) throw notFound('Sign up')
  return { client, attempt }
}
