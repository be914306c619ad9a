import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeSid } from './sids.ts'

export type PhoneNumber = {
  sid: string
  phoneNumber: string
  friendlyName: string
  voiceUrl: string
  voiceMethod: 'POST' | 'GET'
  voiceFallbackUrl: string
  voiceFallbackMethod: 'POST' | 'GET'
  statusCallback: string
  statusCallbackMethod: 'POST' | 'GET'
  voiceApplicationSid: string
  trunkSid: string
  smsUrl: string
  createdAt: string
  updatedAt: string
}

export type NumberSettings = Partial<Omit<PhoneNumber, 'sid' | 'createdAt' | 'updatedAt'>>

const MAX_NUMBERS = 1_000 // one page of the largest size; nobody's sandbox owns more

/** The numbers this account owns. With a folder they outlive the process. */
export class Numbers {
  readonly #bySid = new Map<string, PhoneNumber>()
  readonly #file: string | undefined

  constructor(dataDir: string | undefined, name = 'twilio-numbers') {
    this.#file = dataDir && join(dataDir, `${name}.json`)
    if (this.#file && existsSync(this.#file))
      for (const number of JSON.parse(readFileSync(this.#file, 'utf8')) as PhoneNumber[])
        this.#bySid.set(number.sid, number)
  }

  list(): PhoneNumber[] {
    return [...this.#bySid.values()]
  }

  find(sid: string): PhoneNumber | undefined {
    return this.#bySid.get(sid)
  }

  findByNumber(phoneNumber: string): PhoneNumber | undefined {
    return this.list().find((number) => number.phoneNumber === phoneNumber)
  }

  create(settings: NumberSettings & { phoneNumber: string }): PhoneNumber {
    if (this.#bySid.size >= MAX_NUMBERS) throw new RangeError(`more than ${MAX_NUMBERS} numbers`)
    const now = new Date().toISOString()
    const number: PhoneNumber = {
      sid: makeSid('PN'),
      friendlyName: formatNumber(settings.phoneNumber),
      voiceUrl: '',
      voiceMethod: 'POST',
      voiceFallbackUrl: '',
      voiceFallbackMethod: 'POST',
      statusCallback: '',
      statusCallbackMethod: 'POST',
      voiceApplicationSid: '',
      trunkSid: '',
      smsUrl: '',
      createdAt: now,
      updatedAt: now,
      ...settings,
    }
    this.#bySid.set(number.sid, number)
    this.#save()
    return number
  }

  update(number: PhoneNumber, settings: NumberSettings): PhoneNumber {
    Object.assign(number, settings, { updatedAt: new Date().toISOString() })
    this.#save()
    return number
  }

  remove(sid: string): boolean {
    const existed = this.#bySid.delete(sid)
    if (existed) this.#save()
    return existed
  }

  #save(): void {
    if (!this.#file) return
    mkdirSync(join(this.#file, '..'), { recursive: true })
    // Written beside and moved, so that a stop in between leaves the old list whole.
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.list(), null, 2))
    renameSync(`${this.#file}.new`, this.#file)
  }
}

/** `(500) 555-0006` for a North American number, any other as it is. */
export function formatNumber(phoneNumber: string): string {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(phoneNumber)
  return parts ? `(${parts[1]}) ${parts[2]}-${parts[3]}` : phoneNumber
}
