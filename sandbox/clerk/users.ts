import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { emailTaken, passwordTooShort } from './refusals.ts'
import { newId, normalizeEmail, type Store, type User } from './store.ts'

export type NewUser = {
  email: string
  password?: string | undefined
  firstName?: string | null | undefined
  lastName?: string | null | undefined
  externalId?: string | null | undefined
  publicMetadata?: Metadata | undefined
  privateMetadata?: Metadata | undefined
  unsafeMetadata?: Metadata | undefined
}

export type UserChange = Omit<Partial<NewUser>, 'email'>
export type UserEvent = 'user.created' | 'user.updated' | 'user.deleted'
type Metadata = Record<string, unknown>

const MIN_PASSWORD_CHARACTERS = 8
const derive = promisify<string, string, number, Buffer>(scrypt)
const HASH_BYTES = 32

/** The user base of the application; every change is told to `tell`, which sends the webhook. */
export class Users {
  readonly #store: Store
  readonly #now: () => number
  readonly #tell: (event: UserEvent, user: User) => void

  constructor(store: Store, now: () => number, tell: (event: UserEvent, user: User) => void) {
    this.#store = store
    this.#now = now
    this.#tell = tell
  }

  async create(made: NewUser): Promise<User> {
    if (made.password !== undefined) checkPassword(made.password)
    const passwordHash = made.password === undefined ? null : await hashPassword(made.password)
    // Checked after the hashing, which waits, so that two sign-ups at once cannot both pass.
    if (this.#store.findUserByEmail(made.email)) throw emailTaken()

    const now = this.#now()
    const user: User = {
      id: newId('user'),
      emailId: newId('idn'),
      email: normalizeEmail(made.email),
      passwordHash,
      firstName: made.firstName || null,
      lastName: made.lastName || null,
      externalId: made.externalId ?? null,
      publicMetadata: made.publicMetadata ?? {},
      privateMetadata: made.privateMetadata ?? {},
      unsafeMetadata: made.unsafeMetadata ?? {},
      createdAt: now,
      updatedAt: now,
      lastSignInAt: null,
    }
    this.#store.addUser(user)
    this.#tell('user.created', user)
    return user
  }

  /** Fields that are absent stay; metadata is replaced whole, as PATCH /v1/users does. */
  async update(user: User, change: UserChange): Promise<User> {
    const { password, ...fields } = change
    if (password !== undefined) {
      checkPassword(password)
      user.passwordHash = await hashPassword(password)
    }
    for (const [key, value] of Object.entries(fields))
      if (value !== undefined) Object.assign(user, { [key]: value })
    return this.#touch(user)
  }

  /** Metadata is merged deeply, and a null removes its key, as PATCH /v1/users/:id/metadata does. */
  mergeMetadata(user: User, change: { [K in MetadataField]?: Metadata | undefined }): User {
    for (const field of metadataFields)
      if (change[field]) user[field] = mergeDeep(user[field], change[field])
    return this.#touch(user)
  }

  signedIn(user: User): void {
    user.lastSignInAt = this.#now()
    this.#store.save()
  }

  remove(user: User): void {
    this.#store.removeUser(user.id)
    this.#tell('user.deleted', user)
  }

  #touch(user: User): User {
    user.updatedAt = this.#now()
    this.#store.save()
    this.#tell('user.updated', user)
    return user
  }
}

const metadataFields = ['publicMetadata', 'privateMetadata', 'unsafeMetadata'] as const
type MetadataField = (typeof metadataFields)[number]

export function checkPassword(password: string): void {
  if ([...password].length < MIN_PASSWORD_CHARACTERS) throw passwordTooShort()
}

export async function passwordMatches(user: User, password: string): Promise<boolean> {
  if (!user.passwordHash) return false
  const [salt = '', hash = ''] = user.passwordHash.split(':')
  const derived = await derive(password, salt, HASH_BYTES)
  return timingSafeEqual(derived, Buffer.from(hash, 'base64url'))
}

async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(12).toString('base64url')
  const hash = await derive(password, salt, HASH_BYTES)
  return `${salt}:${hash.toString('base64url')}`
}

function mergeDeep(before: Metadata, change: Metadata): Metadata {
  const merged = { ...before }
  for (const [key, value] of Object.entries(change)) {
    const old = merged[key]
    if (value === null) delete merged[key]
    else merged[key] = isObject(value) && isObject(old) ? mergeDeep(old, value) : value
  }
  return merged
}

const isObject = (value: unknown): value is Metadata =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
