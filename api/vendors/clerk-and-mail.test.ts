import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type ClerkStandIn, startClerk } from '../../sandbox/clerk/start.ts'
import { Faults } from '../../sandbox/kit/faults.ts'
import { Journal } from '../../sandbox/kit/journal.ts'
import { type MailStandIn, startMail } from '../../sandbox/mail/start.ts'
import { clerkClient } from './clerk.ts'
import { mailClient } from './mail.ts'

const faults = new Faults()
const journal = new Journal()
const secretKey = 'sk_live_sandbox'
let folder: string
let mail: MailStandIn
let clerk: ClerkStandIn

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'voxcalls-vendors-'))
  mail = await startMail({ port: 0, journal, faults })
  clerk = await startClerk({
    port: 0,
    publishableKey: 'pk_live_Y2xlcmsuc2FuZGJveC50ZXN0JA',
    secretKey,
    webhookSecret: `whsec_${Buffer.from('a secret of the sandbox').toString('base64')}`,
    keyFile: join(folder, 'clerk.pem'),
    smtpUrl: mail.url,
    journal,
    faults,
  })
})
afterEach(() => faults.clear())
afterAll(async () => {
  await clerk.close()
  await mail.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a person is fetched from Clerk with name and verified address', async () => {
  const person = {
    email: 'ann@northwind.test',
    password: 'a-long-pass-1',
    firstName: 'Ann',
    lastName: 'Admin',
  }
  const { id } = await clerk.addUser(person)
  const client = clerkClient({ secretKey, baseUrl: clerk.url })
  expect(await client.fetchUser(id)).toEqual({
    clerkUserId: id,
    email: 'ann@northwind.test',
    emailVerified: true,
    updatedAt: expect.any(Date),
    name: 'Ann Admin',
  })
  expect(await client.fetchUser('user_nobody')).toBeNull()
})

test('a wrong Clerk key is a failure that is not tried again', async () => {
  const client = clerkClient({ secretKey: 'sk_live_wrong', baseUrl: clerk.url })
  await expect(client.fetchUser('user_x')).rejects.toMatchObject({
    vendor: 'clerk',
    status: 401,
    retryable: false,
  })
})

test('Clerk is asked again when it is busy once', async () => {
  faults.add({
    vendor: 'clerk',
    on: 'request',
    path: '/v1/users',
    action: { type: 'status', status: 503 },
  })
  const client = clerkClient({ secretKey, baseUrl: clerk.url })
  expect(await client.fetchUser('user_nobody')).toBeNull()
})

test('a mail arrives with both bodies and the id it was given', async () => {
  const client = mailClient({ smtpUrl: mail.url, from: 'VoxCalls <no-reply@voxcalls.test>' })
  const arrived = mail.waitFor((m) => m.to.includes('ben@northwind.test'), 5_000)
  await client.send({
    id: 'invitation-1',
    to: 'ben@northwind.test',
    subject: 'Come in',
    text: 'plain',
    html: '<p>rich</p>',
  })
  expect(await arrived).toMatchObject({
    subject: 'Come in',
    text: expect.stringContaining('plain'),
  })
  expect((await arrived).headers['message-id']).toBe('<invitation-1@voxcalls.test>')
  client.close()
})

test('a refused recipient is final, a busy server is not', async () => {
  const client = mailClient({ smtpUrl: mail.url, from: 'no-reply@voxcalls.test' })
  const send = (to: string) => client.send({ id: to, to, subject: 's', text: 't', html: 'h' })
  await expect(send('nobody@bounce.test')).rejects.toMatchObject({
    vendor: 'mail',
    status: 550,
    retryable: false,
  })
  faults.add({
    vendor: 'mail',
    on: 'request',
    method: 'RCPT',
    action: { type: 'status', status: 451 },
  })
  await expect(send('cy@northwind.test')).rejects.toMatchObject({ status: 451, retryable: true })
  client.close()
})

test('a mail server that is away may be back later', async () => {
  const client = mailClient({ smtpUrl: 'smtp://127.0.0.1:1', from: 'no-reply@voxcalls.test' })
  const sent = client.send({ id: '1', to: 'a@b.test', subject: 's', text: 't', html: 'h' })
  await expect(sent).rejects.toMatchObject({ status: undefined, retryable: true })
  client.close()
})
