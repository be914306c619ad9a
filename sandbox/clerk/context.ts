import type { Code, Codes } from './codes.ts'
import type { Instance } from './instance.ts'
import type { Client, Store, User } from './store.ts'
import type { Users } from './users.ts'

export const firstFactors = ['password', 'email_code', 'reset_password_email_code'] as const
export type FirstFactor = (typeof firstFactors)[number]

export type SignIn = {
  id: string
  status: 'needs_identifier' | 'needs_first_factor' | 'needs_new_password' | 'complete'
  identifier?: string
  user?: User
  verification?: { strategy: FirstFactor; status: 'unverified' | 'verified' }
  code?: Code
  sessionId?: string
}

export type SignUp = {
  id: string
  status: 'missing_requirements' | 'complete'
  email?: string | undefined
  password?: string | undefined
  firstName?: string | undefined
  lastName?: string | undefined
  code?: Code
  verified: boolean
  userId?: string
  sessionId?: string
}

/** What every route of the stand-in works with. */
export type Clerk = {
  instance: Instance
  secretKey: string
  store: Store
  users: Users
  codes: Codes
  attempts: Attempts
  now: () => number
}

const MAX_ATTEMPTS = 1_000 // one a browser; forgotten ones make room for new ones

/** Sign-ins and sign-ups under way, one of each a browser. They do not outlive the process. */
export class Attempts {
  readonly #signIns = new Map<string, SignIn>()
  readonly #signUps = new Map<string, SignUp>()

  signIn(client: Client): SignIn | undefined {
    return this.#signIns.get(client.id)
  }

  signUp(client: Client): SignUp | undefined {
    return this.#signUps.get(client.id)
  }

  beginSignIn(client: Client, attempt: SignIn): SignIn {
    return begin(this.#signIns, client.id, attempt)
  }

  beginSignUp(client: Client, attempt: SignUp): SignUp {
    return begin(this.#signUps, client.id, attempt)
  }

  end(client: Client): void {
    this.#signIns.delete(client.id)
    this.#signUps.delete(client.id)
  }
}

function begin<T>(attempts: Map<string, T>, clientId: string, attempt: T): T {
  attempts.delete(clientId)
  attempts.set(clientId, attempt)
  const [oldest] = attempts.keys()
  if (attempts.size > MAX_ATTEMPTS && oldest !== undefined) attempts.delete(oldest)
  return attempt
}
