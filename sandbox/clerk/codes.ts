import { randomInt } from 'node:crypto'
import nodemailer from 'nodemailer'
import { codeExpired, codeWrong, mailFailed, tooManyCodes } from './refusals.ts'

export type CodePurpose = 'sign in' | 'sign up' | 'reset your password'

/** A one-time code that was mailed; it lives in the attempt that asked for it. */
export type Code = { value: string; expiresAt: number; triesLeft: number }

export type Codes = {
  send(to: string, purpose: CodePurpose): Promise<Code>
  check(code: Code | undefined, value: string | undefined): void
  close(): void
}

const CODE_LIFE_MS = 10 * 60_000 // Clerk's own
const MAX_TRIES = 5 // a million codes and five guesses: one in 200,000
const SMTP_TIMEOUT_MS = 5_000 // the catcher is in this process; longer means it is gone

export function mailCodes(smtpUrl: string, now: () => number): Codes {
  const transport = nodemailer.createTransport({
    url: smtpUrl,
    ignoreTLS: true,
    connectionTimeout: SMTP_TIMEOUT_MS,
    socketTimeout: SMTP_TIMEOUT_MS,
  })
  return {
    async send(to, purpose) {
      const value = randomInt(1_000_000).toString().padStart(6, '0')
      try {
        await transport.sendMail({
          from: '"VoxCalls" <accounts@sandbox.test>',
          to,
          ...letter(value, purpose),
        })
      } catch (cause) {
        throw Object.assign(mailFailed(), { cause })
      }
      return { value, expiresAt: now() + CODE_LIFE_MS, triesLeft: MAX_TRIES }
    },
    check(code, value) {
      if (!code) throw codeWrong()
      if (now() > code.expiresAt) throw codeExpired()
      if (code.triesLeft <= 0) throw tooManyCodes()
      code.triesLeft--
      if (value !== code.value) throw codeWrong()
    },
    close: () => transport.close(),
  }
}

const letter = (code: string, purpose: CodePurpose) => ({
  subject: `${code} is your code to ${purpose}`,
  text: `Your code to ${purpose} is ${code}\n\nIt is good for ten minutes and for one use.\n`,
  html: `<p>Your code to ${purpose} is</p><p style="font:600 28px monospace;letter-spacing:.2em">${code}</p><p>It is good for ten minutes and for one use.</p>`,
})
