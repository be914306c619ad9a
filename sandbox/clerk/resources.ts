import type { Clerk, SignIn, SignUp } from './context.ts'
import { activeSession, type Client, newId, type Session, type User } from './store.ts'

// Clerk's JSON. Times are milliseconds here and seconds in tokens. An empty `image_url` makes the
// components draw initials; any other would be fetched from the page's own origin.

const TOKEN_LIFE_SECONDS = 60
const SESSION_LIFE_MS = 7 * 24 * 3_600_000
const ABANDON_AFTER_MS = 24 * 3_600_000
const CODE_LIFE_MS = 10 * 60_000

export function userResource(user: User) {
  return {
    id: user.id,
    object: 'user',
    username: null,
    first_name: user.firstName,
    last_name: user.lastName,
    locale: null,
    image_url: '',
    has_image: false,
    primary_email_address_id: user.emailId,
    primary_phone_number_id: null,
    primary_web3_wallet_id: null,
    password_enabled: user.passwordHash !== null,
    password_last_updated_at: user.createdAt,
    two_factor_enabled: false,
    totp_enabled: false,
    backup_code_enabled: false,
    email_addresses: [emailResource(user)],
    phone_numbers: [],
    web3_wallets: [],
    passkeys: [],
    external_accounts: [],
    saml_accounts: [],
    enterprise_accounts: [],
    organization_memberships: [],
    public_metadata: user.publicMetadata,
    unsafe_metadata: user.unsafeMetadata,
    external_id: user.externalId,
    last_sign_in_at: user.lastSignInAt,
    last_active_at: user.lastSignInAt,
    banned: false,
    locked: false,
    lockout_expires_in_seconds: null,
    verification_attempts_remaining: 100,
    delete_self_enabled: false,
    create_organization_enabled: false,
    create_organizations_limit: null,
    mfa_enabled_at: null,
    mfa_disabled_at: null,
    legal_accepted_at: null,
    profile_image_url: '',
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  }
}

/** What only the backend and webhooks may see. */
export const privateUserResource = (user: User) => ({
  ...userResource(user),
  private_metadata: user.privateMetadata,
})

const emailResource = (user: User) => ({
  id: user.emailId,
  object: 'email_address',
  email_address: user.email,
  reserved: false,
  verification: {
    object: 'verification_email_code',
    status: 'verified',
    strategy: 'email_code',
    attempts: 1,
    expire_at: user.createdAt + CODE_LIFE_MS,
  },
  linked_to: [],
  matches_sso_connection: false,
  created_at: user.createdAt,
  updated_at: user.createdAt,
})

/** A session token, good for a minute; `azp` is the origin of the page it was made for. */
export function mintSessionToken(clerk: Clerk, session: Session, azp: string | undefined): string {
  const iat = Math.floor(clerk.now() / 1_000)
  const minutesSinceSignIn = Math.floor((clerk.now() - session.createdAt) / 60_000)
  return clerk.instance.sign(
    {
      azp,
      exp: iat + TOKEN_LIFE_SECONDS,
      fva: [minutesSinceSignIn, -1],
      iat,
      iss: clerk.instance.issuer,
      nbf: iat - 10,
      sid: session.id,
      sts: 'active',
      sub: session.userId,
      v: 2,
    },
    { cat: 'cl_B7d4PD111AAA' },
  )
}

export function sessionResource(clerk: Clerk, session: Session, azp: string | undefined) {
  const user = clerk.store.findUser(session.userId)
  return {
    object: 'session',
    id: session.id,
    status: session.status,
    expire_at: session.createdAt + SESSION_LIFE_MS,
    abandon_at: session.createdAt + SESSION_LIFE_MS,
    last_active_at: session.lastActiveAt,
    last_active_organization_id: null,
    actor: null,
    tasks: null,
    factor_verification_age: [0, -1],
    user: user ? userResource(user) : null,
    public_user_data: user ? publicUserData(user) : null,
    created_at: session.createdAt,
    updated_at: session.lastActiveAt,
    last_active_token: { object: 'token', jwt: mintSessionToken(clerk, session, azp) },
  }
}

const publicUserData = (user: User) => ({
  first_name: user.firstName,
  last_name: user.lastName,
  image_url: '',
  has_image: false,
  identifier: user.email,
  profile_image_url: '',
  user_id: user.id,
})

export function clientResource(clerk: Clerk, client: Client, azp: string | undefined) {
  const signIn = clerk.attempts.signIn(client)
  const signUp = clerk.attempts.signUp(client)
  return {
    object: 'client',
    id: client.id,
    sessions: client.sessions
      .filter((session) => session.status === 'active')
      .map((session) => sessionResource(clerk, session, azp)),
    sign_in: signIn ? signInResource(clerk, signIn) : null,
    sign_up: signUp ? signUpResource(clerk, signUp) : null,
    last_active_session_id: activeSession(client)?.id ?? null,
    last_authentication_strategy: null,
    cookie_expires_at: null,
    captcha_bypass: true,
    created_at: client.createdAt,
    updated_at: client.updatedAt,
  }
}

export function signInResource(clerk: Clerk, attempt: SignIn) {
  const { user, verification } = attempt
  const mailed = user && {
    email_address_id: user.emailId,
    safe_identifier: user.email,
    primary: true,
  }
  return {
    object: 'sign_in',
    id: attempt.id,
    status: attempt.status,
    supported_identifiers: ['email_address'],
    supported_first_factors: user && [
      ...(user.passwordHash ? [{ strategy: 'password' }] : []),
      { strategy: 'email_code', ...mailed },
      { strategy: 'reset_password_email_code', ...mailed },
    ],
    supported_second_factors: null,
    first_factor_verification: verification
      ? {
          object: `verification_${verification.strategy}`,
          status: verification.status,
          strategy: verification.strategy,
          attempts: verification.status === 'verified' ? 1 : 0,
          expire_at: attempt.code?.expiresAt ?? clerk.now() + CODE_LIFE_MS,
        }
      : null,
    second_factor_verification: null,
    identifier: attempt.identifier ?? null,
    user_data: user
      ? { first_name: user.firstName, last_name: user.lastName, image_url: '', has_image: false }
      : null,
    created_session_id: attempt.sessionId ?? null,
    abandon_at: clerk.now() + ABANDON_AFTER_MS,
    locale: null,
  }
}

export function signUpResource(clerk: Clerk, attempt: SignUp) {
  const missing = [
    ...(attempt.email ? [] : ['email_address']),
    ...(attempt.password ? [] : ['password']),
  ]
  return {
    object: 'sign_up',
    id: attempt.id,
    status: attempt.status,
    required_fields: ['email_address', 'password'],
    optional_fields: ['first_name', 'last_name'],
    missing_fields: missing,
    unverified_fields: attempt.email && !attempt.verified ? ['email_address'] : [],
    username: null,
    first_name: attempt.firstName ?? null,
    last_name: attempt.lastName ?? null,
    email_address: attempt.email ?? null,
    phone_number: null,
    web3_wallet: null,
    external_account_strategy: null,
    external_account: null,
    has_password: attempt.password !== undefined,
    unsafe_metadata: {},
    created_session_id: attempt.sessionId ?? null,
    created_user_id: attempt.userId ?? null,
    abandon_at: clerk.now() + ABANDON_AFTER_MS,
    legal_accepted_at: null,
    locale: null,
    verifications: {
      email_address: attempt.email ? emailVerification(clerk, attempt) : null,
      phone_number: null,
      web3_wallet: null,
      external_account: null,
    },
  }
}

// With a strategy set before a code was sent, the component believes one is on its way and never asks for it.
function emailVerification(clerk: Clerk, attempt: SignUp) {
  const next = attempt.code ? 'needs_attempt' : 'needs_prepare'
  return {
    object: 'verification_email_code',
    status: attempt.verified ? 'verified' : 'unverified',
    strategy: attempt.code ? 'email_code' : '',
    attempts: attempt.verified ? 1 : 0,
    expire_at: attempt.code?.expiresAt ?? clerk.now() + CODE_LIFE_MS,
    next_action: attempt.verified ? '' : next,
    supported_strategies: ['email_code'],
  }
}

export const errorResource = (error: {
  code: string
  message: string
  field?: string | undefined
}) => ({
  errors: [
    {
      code: error.code,
      message: error.message,
      long_message: error.message,
      meta: error.field ? { param_name: error.field } : {},
    },
  ],
  clerk_trace_id: newId('trace'),
})
