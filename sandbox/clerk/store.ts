import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

const metadata = z.record(z.string(), z.unknown())

const userSchema = z.object({
  id: z.string(),
  emailId: z.string(),
  email: z.string(),
  passwordHash: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  externalId: z.string().nullable(),
  publicMetadata: metadata,
  privateMetadata: metadata,
  unsafeMetadata: metadata,
  createdAt: z.number(),
  updatedAt: z.number(),
  lastSignInAt: z.number().nullable(),
})

const sessionSchema = z.object({
  id: z.string(),
  userId: z.string(),
  status: z.enum(['active', 'ended', 'removed', 'replaced', 'revoked']),
  createdAt: z.number(),
  lastActiveAt: z.number(),
})

const clientSchema = z.object({
  id: z.string(),
  createdAt: z.number(),
  /** Changes at sign-in and sign-out only: the server SDK starts a handshake when a token is older. */
  updatedAt: z.number(),
  sessions: z.array(sessionSchema),
})

const stateSchema = z.object({ users: z.array(userSchema), clients: z.array(clientSchema) })

export type User = z.infer<typeof userSchema>
export type Session = z.infer<typeof sessionSchema>
/** A browser, known by its `__client` cookie. */
export type Client = z.infer<typeof clientSchema>

const MAX_USERS = 10_000 // far above any seed; a loop that signs people up is stopped here
const MAX_CLIENTS = 2_000 // one a browser profile; the oldest is forgotten
const MAX_SESSIONS = 20 // of one client, ended ones included

/** Users, browsers and their sessions, written to one JSON file after every change. */
export class Store {
  readonly #users: Map<string, User>
  readonly #clients: Map<string, Client>
  readonly #file: string | undefined

  constructor(file?: string) {
    this.#file = file
    const state =
      file && existsSync(file)
        ? stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
        : { users: [], clients: [] }
    this.#users = new Map(state.users.map((user) => [user.id, user]))
    this.#clients = new Map(state.clients.map((client) => [client.id, client]))
  }

  users(): User[] {
    return [...this.#users.values()]
  }

  findUser(id: string): User | undefined {
    return this.#users.get(id)
  }

  findUserByEmail(email: string): User | undefined {
    const wanted = normalizeEmail(email)
    return this.users().find((user) => user.email === wanted)
  }

  addUser(user: User): void {
    if (this.#users.size >= MAX_USERS) throw new RangeError(`more than ${MAX_USERS} users`)
    this.#users.set(user.id, user)
    this.save()
  }

  removeUser(id: string): void {
    this.#users.delete(id)
    for (const client of this.#clients.values())
      client.sessions = client.sessions.filter((session) => session.userId !== id)
    this.save()
  }

  findClient(id: string | undefined): Client | undefined {
    return id === undefined ? undefined : this.#clients.get(id)
  }

  addClient(now: number): Client {
    const client: Client = { id: newId('client'), createdAt: now, updatedAt: now, sessions: [] }
    this.#clients.set(client.id, client)
    const [oldest] = this.#clients.keys()
    if (this.#clients.size > MAX_CLIENTS && oldest) this.#clients.delete(oldest)
    this.save()
    return client
  }

  addSession(client: Client, userId: string, now: number): Session {
    // Single-session mode: signing in as somebody else ends what was there.
    for (const session of client.sessions)
      if (session.status === 'active') session.status = 'replaced'
    const session: Session = {
      id: newId('sess'),
      userId,
      status: 'active',
      createdAt: now,
      lastActiveAt: now,
    }
    client.sessions = [...client.sessions, session].slice(-MAX_SESSIONS)
    client.updatedAt = now
    this.save()
    return session
  }

  endSessions(client: Client, status: Session['status'], now: number, onlyId?: string): void {
    for (const session of client.sessions)
      if (session.status === 'active' && (onlyId === undefined || session.id === onlyId))
        session.status = status
    client.updatedAt = now
    this.save()
  }

  sessions(): { client: Client; session: Session }[] {
    return [...this.#clients.values()].flatMap((client) =>
      client.sessions.map((session) => ({ client, session })),
    )
  }

  save(): void {
    if (!this.#file) return
    const state = { users: this.users(), clients: [...this.#clients.values()] }
    mkdirSync(dirname(this.#file), { recursive: true })
    writeFileSync(`${this.#file}.new`, JSON.stringify(state), { mode: 0o600 })
    renameSync(`${this.#file}.new`, this.#file)
  }
}

export const activeSession = (client: Client | undefined): Session | undefined =>
  client?.sessions.findLast((session) => session.status === 'active')

export const normalizeEmail = (email: string) => email.trim().toLowerCase()

/** Clerk's ids: a prefix and 27 letters and digits. */
export function newId(prefix: string): string {
  const letters = randomBytes(27).toString('base64').replace(/[+/=]/g, '').slice(0, 27)
  return `${prefix}_${letters}`
}
