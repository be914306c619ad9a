import { appendFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nodemailer, { type Transporter } from 'nodemailer'
import { afterEach, expect, test } from 'vitest'
import { Faults } from '../kit/faults.ts'
import { Journal } from '../kit/journal.ts'
import { startMail } from './start.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function aMailServer(dataDir?: string) {
  const journal = new Journal()
  const faults = new Faults()
  const mail = await startMail({ port: 0, journal, faults, ...(dataDir ? { dataDir } : {}) })
  const transport: Transporter = nodemailer.createTransport(mail.url, { from: 'no-reply@vox.test' })
  cleanups.push(mail.close, () => transport.close())
  return { mail, journal, faults, transport }
}

async function aFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'mail-test-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  return folder
}

const invitation = {
  to: 'Bo <bo@example.com>',
  subject: 'Join Northwind',
  text: 'Open http://localhost:3000/invite/abc',
  html: '<a href="http://localhost:3000/invite/abc">Join</a>',
}

test('a mail that was sent is in the inbox with its text, its html and its headers', async () => {
  const { mail, journal, transport } = await aMailServer()
  const arrived = mail.waitFor((m) => m.to.includes('bo@example.com'))
  await transport.sendMail({
    ...invitation,
    headers: { 'X-Entity-Ref-ID': '7' },
    attachments: [{ filename: 'terms.txt', content: 'four' }],
  })
  const got = await arrived
  expect(got).toMatchObject({
    from: 'no-reply@vox.test',
    to: ['bo@example.com'],
    subject: invitation.subject,
    headers: { 'x-entity-ref-id': '7' },
    attachments: [{ filename: 'terms.txt', mimeType: 'text/plain', sizeBytes: 4 }],
  })
  expect(got.text).toContain(invitation.text)
  expect(got.html).toContain(invitation.html)
  expect(journal.entries({ vendor: 'mail' }).map((e) => [e.method, e.path, e.status])).toEqual([
    ['RCPT', 'bo@example.com', 250],
    ['DATA', 'bo@example.com', 250],
  ])
})

test('the list is newest first and can be narrowed to one address in any case', async () => {
  const { mail, transport } = await aMailServer()
  await transport.sendMail(invitation)
  await transport.sendMail({ ...invitation, to: 'cy@example.com' })
  await transport.sendMail({ ...invitation, subject: 'Reminder' })
  expect(mail.inbox.list().map((m) => m.id)).toEqual(['3', '2', '1'])
  expect(mail.inbox.list('BO@example.com').map((m) => m.subject)).toEqual([
    'Reminder',
    invitation.subject,
  ])
  mail.inbox.clear()
  expect(mail.inbox.list()).toEqual([])
})

test('mail survives a restart, even when the last line was cut in half', async () => {
  const dataDir = await aFolder()
  const first = await aMailServer(dataDir)
  await first.transport.sendMail(invitation)
  first.transport.close()
  await first.mail.close()
  appendFileSync(join(dataDir, 'mail.jsonl'), '{"id":"2","subj')

  const second = await aMailServer(dataDir)
  expect(second.mail.inbox.find('1')?.subject).toBe(invitation.subject)
  await second.transport.sendMail(invitation)
  expect(second.mail.inbox.list().map((m) => m.id)).toEqual(['2', '1'])
})

test('only the newest five hundred mails are kept', async () => {
  const { mail, transport } = await aMailServer()
  await transport.sendMail(invitation)
  const { id: _id, at: _at, ...received } = mail.inbox.find('1')!
  for (let n = 0; n < 500; n++) mail.inbox.add(received)
  expect(mail.inbox.size).toBe(500)
  expect(mail.inbox.find('1')).toBeUndefined()
})

test('an address that bounces is refused for good and never reaches the inbox', async () => {
  const { mail, transport } = await aMailServer()
  await expect(
    transport.sendMail({ ...invitation, to: 'who@bounce.example.com' }),
  ).rejects.toMatchObject({ code: 'EENVELOPE', responseCode: 550 })
  expect(mail.inbox.size).toBe(0)
})

test('a fault switch makes one recipient fail for now, and the next attempt goes through', async () => {
  const { mail, journal, faults, transport } = await aMailServer()
  faults.add({
    vendor: 'mail',
    on: 'request',
    method: 'RCPT',
    action: { type: 'status', status: 451 },
  })
  await expect(transport.sendMail(invitation)).rejects.toMatchObject({ responseCode: 451 })
  expect(journal.entries({ path: 'bo@' }).at(-1)?.status).toBe(451)
  await transport.sendMail(invitation)
  expect(mail.inbox.size).toBe(1)
})

test('waiting for a mail that never comes fails by name of its time limit', async () => {
  const { mail } = await aMailServer()
  await expect(mail.waitFor(() => true, 20)).rejects.toThrow('no such mail within 20 ms')
})

test('a mail larger than the limit is refused with 552', async () => {
  const { mail, transport } = await aMailServer()
  const huge = { ...invitation, text: 'x'.repeat(11 * 2 ** 20) }
  await expect(transport.sendMail(huge)).rejects.toMatchObject({ responseCode: 552 })
  expect(mail.inbox.size).toBe(0)
})
