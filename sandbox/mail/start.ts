import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import PostalMime from 'postal-mime'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'
import type { Faults } from '../kit/faults.ts'
import type { Journal } from '../kit/journal.ts'
import { Inbox, type Mail } from './inbox.ts'

export type { Mail } from './inbox.ts'

export type MailOptions = {
  port: number
  host?: string
  journal: Journal
  faults: Faults
  dataDir?: string
}

export type MailStandIn = {
  url: string
  inbox: Inbox
  waitFor: Inbox['waitFor']
  close(): Promise<void>
}

const MAX_MAIL_BYTES = 10 * 2 ** 20 // what most providers take
const MAX_CLIENTS = 100 // a pooled sender opens five
const CLOSE_TIMEOUT_MS = 500 // pooled senders keep idle connections open; they are cut after this

/** An SMTP server that delivers nothing: it keeps what it is given for the inbox page and tests. */
export async function startMail(options: MailOptions): Promise<MailStandIn> {
  const host = options.host ?? '127.0.0.1'
  const inbox = new Inbox(options.dataDir ? join(options.dataDir, 'mail.jsonl') : undefined)
  const server = new SMTPServer({
    // No certificate for a loopback address is worth trusting, so TLS is not offered at all.
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    allowInsecureAuth: true,
    size: MAX_MAIL_BYTES,
    maxClients: MAX_CLIENTS,
    closeTimeout: CLOSE_TIMEOUT_MS,
    logger: false,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? '' }),
    onRcptTo: (address, session, done) => {
      guard(done, () => acceptRecipient(options, address.address, session))
    },
    onData: (stream, session, done) => {
      guard(done, async () => {
        const raw = await readAll(stream)
        if (stream.sizeExceeded) throw refusal(552, 'Message exceeds the fixed maximum size')
        await obeyFault(options, 'DATA', recipients(session).join(','), session)
        const mail = inbox.add(await parse(raw, session))
        options.journal.record({
          vendor: 'mail',
          kind: 'request',
          method: 'DATA',
          path: mail.to.join(','),
          status: 250,
          body: { id: mail.id, subject: mail.subject },
        })
      })
    },
  })
  // A client that hangs up in the middle of a command is its own affair.
  server.on('error', (error) => {
    options.journal.record({ vendor: 'mail', kind: 'note', note: `client error: ${error.message}` })
  })
  const port = await listen(server, options.port, host)
  return {
    url: `smtp://sandbox:sandbox@${host}:${port}`,
    inbox,
    waitFor: (match, timeoutMs) => inbox.waitFor(match, timeoutMs),
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

async function acceptRecipient(
  options: MailOptions,
  address: string,
  session: SMTPServerSession,
): Promise<void> {
  const record = (status: number) =>
    options.journal.record({
      vendor: 'mail',
      kind: 'request',
      method: 'RCPT',
      path: address,
      status,
    })
  try {
    await obeyFault(options, 'RCPT', address, session)
    // Any address at a host that starts with "bounce." does not exist, so that bounces can be tried by hand.
    if (/@bounce\./i.test(address)) throw refusal(550, 'No such user here')
  } catch (error) {
    record(responseCode(error))
    throw error
  }
  record(250)
}

/** A `status` fault answers with that SMTP code: 451 is tried again by the sender, 550 is not. */
async function obeyFault(
  { faults }: MailOptions,
  command: 'RCPT' | 'DATA',
  path: string,
  session: SMTPServerSession,
): Promise<void> {
  const rule = faults.takeRule('mail', 'request', command, path)
  if (!rule) return
  const fault = rule.action
  if (fault.type === 'latency' || fault.type === 'delay') await sleep(fault.ms)
  else if (fault.type === 'status') throw refusal(fault.status, 'Refused by a fault switch')
  else if (fault.type === 'block') await faults.opened(rule)
  else if (fault.type === 'hang') await new Promise(() => {})
  else throw refusal(421, `Connection of ${session.remoteAddress} dropped by a fault switch`)
}

async function parse(raw: Buffer, session: SMTPServerSession): Promise<Omit<Mail, 'id' | 'at'>> {
  const message = await PostalMime.parse(raw)
  return {
    from: session.envelope.mailFrom ? session.envelope.mailFrom.address : null,
    to: recipients(session),
    subject: message.subject ?? '',
    text: message.text ?? '',
    html: message.html ?? '',
    headers: Object.fromEntries(message.headers.map(({ key, value }) => [key, value])),
    attachments: message.attachments.map((attachment) => ({
      filename: attachment.filename,
      mimeType: attachment.mimeType,
      sizeBytes: Buffer.byteLength(attachment.content),
    })),
    raw: raw.toString('utf8'),
  }
}

const recipients = (session: SMTPServerSession) => session.envelope.rcptTo.map((to) => to.address)

const refusal = (code: number, message: string) =>
  Object.assign(new Error(message), { responseCode: code })

const responseCode = (error: unknown) =>
  error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 500

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of stream) {
    sizeBytes += chunk.length
    // Beyond the limit the rest is read and thrown away, because SMTP has no way to stop a sender.
    if (sizeBytes <= MAX_MAIL_BYTES) chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function guard(done: (error?: Error | null) => void, work: () => Promise<void>): void {
  work().then(
    () => done(),
    (error) => done(error instanceof Error ? error : new Error(String(error))),
  )
}

function listen(server: SMTPServer, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}
