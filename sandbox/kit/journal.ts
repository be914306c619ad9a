export const vendors = [
  'twilio',
  'elevenlabs',
  'openai',
  'clerk',
  'stripe',
  'mail',
  'customer',
] as const
export type Vendor = (typeof vendors)[number]

export type JournalEntry = {
  /** Grows by one an entry; an update keeps it, so a listener can replace what it has. */
  seq: number
  /** Monotonic milliseconds since the journal was made. */
  at: number
  vendor: Vendor
  kind: 'request' | 'webhook' | 'socket' | 'note'
  method?: string
  path?: string
  status?: number
  body?: unknown
  note?: string
}

export type JournalFilter = { vendor?: Vendor; kind?: string; path?: string; since?: number }

const MAX_ENTRIES = 20_000 // about an hour of a busy demo; older entries make room
const MAX_BODY_CHARACTERS = 16_384 // a longer body is kept as its beginning, so the ring stays small

/** What every stand-in received and sent, in order. */
export class Journal {
  #entries: JournalEntry[] = []
  #seq = 0
  readonly #startedAt = performance.now()
  readonly #listeners = new Set<(entry: JournalEntry) => void>()

  now(): number {
    return performance.now() - this.#startedAt
  }

  record(made: Omit<JournalEntry, 'at' | 'seq'>): JournalEntry {
    const entry: JournalEntry = { seq: ++this.#seq, at: this.now(), ...made }
    if ('body' in made) entry.body = shorten(made.body)
    this.#entries.push(entry)
    if (this.#entries.length > MAX_ENTRIES)
      this.#entries.splice(0, this.#entries.length - MAX_ENTRIES)
    this.#tell(entry)
    return entry
  }

  /** Fills in what became known later: the body once parsed, the status once answered. */
  update(entry: JournalEntry, known: Pick<JournalEntry, 'status' | 'body' | 'note'>): void {
    Object.assign(entry, known)
    if ('body' in known) entry.body = shorten(known.body)
    this.#tell(entry)
  }

  entries(filter: JournalFilter = {}): JournalEntry[] {
    const { vendor, kind, path, since } = filter
    return this.#entries.filter(
      (e) =>
        (vendor === undefined || e.vendor === vendor) &&
        (kind === undefined || e.kind === kind) &&
        (path === undefined || (e.path ?? '').includes(path)) &&
        (since === undefined || e.at >= since),
    )
  }

  clear(): void {
    this.#entries = []
  }

  onEntry(listener: (entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(entry: JournalEntry): void {
    for (const listener of this.#listeners) listener(entry)
  }
}

function shorten(body: unknown): unknown {
  if (body === undefined || body === null) return body
  if (body instanceof Uint8Array) return `<${body.length} bytes>`
  const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '')
  if (text.length <= MAX_BODY_CHARACTERS) return body
  return `${text.slice(0, MAX_BODY_CHARACTERS)}… (${text.length} characters)`
}
