import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

const mailSchema = z.object({
  id: z.string(),
  at: z.string(),
  from: z.string().nullable(),
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  headers: z.record(z.string(), z.string()),
  attachments: z.array(
    z.object({ filename: z.string().nullable(), mimeType: z.string(), sizeBytes: z.int() }),
  ),
  raw: z.string(),
})

/** One message as the catcher received it; header names are lower case. */
export type Mail = z.infer<typeof mailSchema>

const MAX_MAILS = 500 // a demo sends dozens; the oldest go first so a looping job cannot fill the disk
const WAIT_MS = 5_000 // local SMTP takes milliseconds: longer than this means it was never sent
const MAX_WAITERS = 100 // tests hold one or two at a time

type Waiter = { match: (mail: Mail) => boolean; found: (mail: Mail) => void }

/** Everything the catcher received, kept in a JSON-lines file when one is given. */
export class Inbox {
  #mails: Mail[]
  readonly #waiters = new Set<Waiter>()
  readonly #file: string | undefined
  #lastId: number

  constructor(file?: string) {
    this.#file = file
    this.#mails = file ? load(file) : []
    this.#lastId = Math.max(0, ...this.#mails.map((mail) => Number(mail.id)))
    this.#rewrite()
  }

  get size(): number {
    return this.#mails.length
  }

  add(received: Omit<Mail, 'id' | 'at'>): Mail {
    const mail = { ...received, id: String(++this.#lastId), at: new Date().toISOString() }
    this.#mails.push(mail)
    if (this.#mails.length > MAX_MAILS) {
      this.#mails = this.#mails.slice(-MAX_MAILS)
      this.#rewrite()
    } else if (this.#file) appendFileSync(this.#file, `${JSON.stringify(mail)}\n`)

    for (const waiter of [...this.#waiters]) if (waiter.match(mail)) waiter.found(mail)
    return mail
  }

  /** Newest first; `to` is a whole address, in any case. */
  list(to?: string): Mail[] {
    const wanted = to?.toLowerCase()
    const mails = wanted
      ? this.#mails.filter((mail) => mail.to.some((address) => address.toLowerCase() === wanted))
      : this.#mails
    return mails.toReversed()
  }

  find(id: string): Mail | undefined {
    return this.#mails.find((mail) => mail.id === id)
  }

  /** The first mail that matches: one already here, or the next to arrive. */
  waitFor(match: (mail: Mail) => boolean, timeoutMs: number = WAIT_MS): Promise<Mail> {
    const here = this.#mails.find(match)
    if (here) return Promise.resolve(here)
    if (this.#waiters.size >= MAX_WAITERS) return Promise.reject(new Error('too many waiters'))

    return new Promise((resolve, reject) => {
      const settle = (mail?: Mail) => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        if (mail) resolve(mail)
        else reject(new Error(`no such mail within ${timeoutMs} ms`))
      }
      const waiter: Waiter = { match, found: settle }
      const timer = setTimeout(settle, timeoutMs)
      this.#waiters.add(waiter)
    })
  }

  clear(): void {
    this.#mails = []
    this.#rewrite()
  }

  #rewrite(): void {
    if (!this.#file) return
    mkdirSync(dirname(this.#file), { recursive: true })
    const lines = this.#mails.map((mail) => `${JSON.stringify(mail)}\n`).join('')
    writeFileSync(`${this.#file}.new`, lines)
    renameSync(`${this.#file}.new`, this.#file)
  }
}

function load(file: string): Mail[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .map(parseLine)
    .filter((mail) => mail !== undefined)
    .slice(-MAX_MAILS)
}

// A process killed in the middle of an append leaves half a line; that mail alone is given up.
function parseLine(line: string): Mail | undefined {
  if (!line) return undefined
  try {
    return mailSchema.safeParse(JSON.parse(line)).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
