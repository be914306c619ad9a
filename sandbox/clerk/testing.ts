import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { Faults } from '../kit/faults.ts'
import { Journal } from '../kit/journal.ts'
import { type MailStandIn, startMail } from '../mail/start.ts'
import { type ClerkOptions, type ClerkStandIn, startClerk } from './start.ts'

export const publishableKey = `pk_live_${Buffer.from('clerk.sandbox.test$').toString('base64')}`
export const secretKey = 'sk_live_sandbox'
export const webhookSecret = `whsec_${Buffer.from('webhook secret').toString('base64')}`
export const pageOrigin = 'http://localhost:3000'

export type Bench = {
  clerk: ClerkStandIn
  mail: MailStandIn
  journal: Journal
  faults: Faults
  folder: string
  restart(): Promise<ClerkStandIn>
  close(): Promise<void>
}

/** The stand-in with a mail server beside it, in a folder of its own. */
export async function aClerk(options: Partial<ClerkOptions> = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'clerk-test-'))
  const journal = new Journal()
  const faults = new Faults()
  const mail = await startMail({ port: 0, journal, faults })
  const start = () =>
    startClerk({
      port: 0,
      publishableKey,
      secretKey,
      webhookSecret,
      keyFile: join(folder, 'clerk.pem'),
      dataDir: folder,
      smtpUrl: mail.url,
      journal,
      faults,
      ...options,
    })
  const bench: Bench = {
    clerk: await start(),
    mail,
    journal,
    faults,
    folder,
    async restart() {
      await bench.clerk.close()
      bench.clerk = await start()
      return bench.clerk
    },
    async close() {
      await bench.clerk.close()
      await mail.close()
      await rm(folder, { recursive: true })
    },
  }
  return bench
}

const session = z.looseObject({ id: z.string(), status: z.string() })
const client = z.looseObject({
  sessions: z.array(session),
  last_active_session_id: z.string().nullable(),
})
const resource = z.looseObject({
  id: z.string().optional(),
  status: z.string().nullish(),
  created_session_id: z.string().nullish(),
  created_user_id: z.string().nullish(),
  sessions: z.array(session).optional(),
})
const failure = z.object({
  code: z.string(),
  message: z.string(),
  meta: z.object({ param_name: z.string().optional() }),
})
const answerBody = z.looseObject({
  response: resource.nullish(),
  client: client.nullish(),
  jwt: z.string().optional(),
  errors: z.array(failure).optional(),
})

export type Answer = {
  status: number
  body: z.infer<typeof answerBody>
  cookies: Map<string, string>
  location: string | null
}

/** clerk-js as seen from the wire: a cookie jar, form bodies, other verbs by `_method`. */
export function aBrowser(clerk: ClerkStandIn) {
  const jar = new Map<string, string>()

  async function send(verb: string, path: string, form?: Record<string, string>): Promise<Answer> {
    const url = new URL(path, clerk.url)
    if (verb !== 'GET' && verb !== 'POST') url.searchParams.set('_method', verb)
    const response = await fetch(url, {
      method: verb === 'GET' ? 'GET' : 'POST',
      redirect: 'manual',
      headers: {
        origin: pageOrigin,
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      },
      ...(form ? { body: new URLSearchParams(form) } : {}),
    })
    const cookies = new Map<string, string>()
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';', 1)[0]?.split(/=(.*)/s) ?? []
      cookies.set(name, value)
      if (/max-age=0/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    const text = await response.text()
    return {
      status: response.status,
      body: answerBody.parse(text ? JSON.parse(text) : {}),
      cookies,
      location: response.headers.get('location'),
    }
  }

  return {
    jar,
    get: (path: string) => send('GET', path),
    post: (path: string, form?: Record<string, string>) => send('POST', path, form),
    send,
  }
}
