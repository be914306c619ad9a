import nodemailer from 'nodemailer'
import { VendorError } from '#api/core/errors.ts'
import type { MailClient } from '#api/core/vendors.ts'
import { asking } from './asking.ts'
import { type Breaker, unguarded } from './breakers.ts'
import { VendorCode } from './failure.ts'

const CONNECT_MS = 3_000
const SOCKET_MS = 10_000
const MAX_CONNECTIONS = 3 // one worker sends little; a provider counts connections
const PERMANENT = 500 // SMTP: 4xx may pass later, 5xx will not

/** Mail over SMTP. The message id follows from the id we give, so a mail sent twice shows as one. */
export function mailClient(options: {
  smtpUrl: string
  from: string
  breaker?: Breaker
}): MailClient & { close(): void } {
  const { breaker = unguarded } = options
  const transport = transportTo(options.smtpUrl)
  const domain = /@([\w.-]+)/.exec(options.from)?.[1] ?? 'voxcalls.invalid'
  return {
    async send({ id, to, subject, text, html }) {
      await asking(breaker, 'send', false, async () => {
        try {
          await transport.sendMail({
            from: options.from,
            to,
            subject,
            text,
            html,
            messageId: `<${id}@${domain}>`,
            headers: { 'X-Entity-Ref-ID': id },
          })
        } catch (error) {
          throw failure('send', error)
        }
      })
    },
    async verify() {
      await asking(breaker, 'verify', false, async () => {
        try {
          await transport.verify()
        } catch (error) {
          throw failure('verify', error)
        }
      })
    },
    close: () => transport.close(),
  }
}

function transportTo(smtpUrl: string) {
  const url = new URL(smtpUrl)
  const secure = url.protocol === 'smtps:'
  return nodemailer.createTransport({
    host: url.hostname,
    port: Number(url.port || (secure ? 465 : 587)),
    secure,
    pool: true,
    maxConnections: MAX_CONNECTIONS,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SOCKET_MS,
    // No certificate for a loopback address is worth trusting, and nobody else is on that wire.
    ignoreTLS: isLoopback(url.hostname),
    ...(url.username && {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
  })
}

function failure(operation: string, error: unknown): VendorError {
  const field = (name: string): unknown =>
    error instanceof Error ? Reflect.get(error, name) : undefined
  const status = field('responseCode')
  const code = field('code')
  // The server's sentence and the address stand in the error's message, so only its code goes along.
  return new VendorError('mail', operation, {
    status: typeof status === 'number' ? status : undefined,
    retryable: typeof status === 'number' ? status < PERMANENT : code !== 'EENVELOPE',
    cause: new VendorCode(String(code)),
  })
}

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || host.startsWith('127.')
