import { createServer, type Server } from 'node:net'
import { verifyToken } from '@clerk/backend'
import nodemailer from 'nodemailer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { z } from 'zod'
import { sandboxOptions } from '../config.ts'
import { startSandbox } from '../start.ts'
import { aSandbox, type Bench, control } from './testing.ts'

let bench: Bench
let api: ReturnType<typeof control>

beforeAll(async () => {
  bench = await aSandbox()
  api = control(bench)
})
afterAll(() => bench.dispose())

test('a fault that is set fires, is listed with its count and can be taken away', async () => {
  const rule = {
    vendor: 'clerk',
    on: 'request',
    path: '/v1/environment',
    times: 2,
    action: { type: 'status', status: 503, body: { errors: [] } },
  }
  const made = await api('POST', '/sandbox/faults', rule)
  expect(made).toMatchObject({ status: 201, body: { ...rule, id: expect.any(String), fired: 0 } })
  expect((await fetch(`${bench.clerk.url}/v1/environment`)).status).toBe(503)
  expect((await api('GET', '/sandbox/faults')).body).toMatchObject([{ fired: 1 }])

  const { id } = made.body as { id: string }
  expect((await api('DELETE', `/sandbox/faults/${id}`)).status).toBe(204)
  expect((await fetch(`${bench.clerk.url}/v1/environment`)).status).toBe(200)
  expect((await api('DELETE', `/sandbox/faults/${id}`)).status).toBe(404)
})

test('a blocked request goes on when its fault is released', async () => {
  const action = { type: 'block' }
  const rule = { id: 'gate', vendor: 'clerk', on: 'request', path: '/v1/jwks', action }
  await api('POST', '/sandbox/faults', rule)
  const taken = new Promise<void>((resolve) => {
    const stop = bench.journal.onEntry((entry) => {
      if (!entry.note?.includes('block')) return
      stop()
      resolve()
    })
  })
  const answer = fetch(`${bench.clerk.url}/v1/jwks`)
  await taken
  expect((await api('POST', '/sandbox/faults/gate/release')).status).toBe(200)
  expect((await answer).status).toBe(200)
  expect((await api('DELETE', '/sandbox/faults')).status).toBe(204)
})

test('a fault of no known kind, with a value out of range or a broken pattern is refused', async () => {
  const base = { vendor: 'twilio', on: 'request' }
  for (const rule of [
    { ...base, action: { type: 'explode' } },
    { ...base, action: { type: 'latency', ms: -1 } },
    { ...base, vendor: 'fax', action: { type: 'drop' } },
    { ...base, action: { type: 'drop' }, unless: true },
    { ...base, action: { type: 'drop' }, path: '/(/' },
  ])
    expect((await api('POST', '/sandbox/faults', rule)).status).toBe(422)
  expect((await api('GET', '/sandbox/faults')).body).toEqual([])
})

test('the journal can be narrowed, followed live and emptied', async () => {
  await api('DELETE', '/sandbox/journal')
  const socket = new WebSocket(`${bench.control.url.replace('http', 'ws')}/sandbox/journal/live`)
  await new Promise((resolve) => socket.once('open', resolve))
  const live = new Promise<string>((resolve) =>
    socket.once('message', (data) => resolve(data.toString())),
  )
  await fetch(`${bench.clerk.url}/v1/jwks`)
  expect(JSON.parse(await live)).toMatchObject({ vendor: 'clerk', path: '/v1/jwks' })
  socket.close()

  await fetch(`${bench.clerk.url}/v1/environment`)
  const narrowed = await api('GET', '/sandbox/journal?vendor=clerk&path=environment')
  expect(narrowed.body).toMatchObject([{ path: '/v1/environment', status: 200 }])
  expect((await api('GET', '/sandbox/journal?limit=1')).body).toHaveLength(1)
  expect((await api('GET', '/sandbox/journal?vendor=fax')).status).toBe(422)
  await api('DELETE', '/sandbox/journal')
  expect((await api('GET', '/sandbox/journal')).body).toEqual([])
})

test('a customer’s own system takes a webhook, or refuses it with the wanted status', async () => {
  const send = (path: string) =>
    fetch(`${bench.control.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': 'one' },
      body: '{"type":"test.ping"}',
    })
  expect((await send('/hooks/crm')).status).toBe(204)
  expect((await send('/hooks/crm?status=503')).status).toBe(503)
  expect((await send('/hooks/crm?status=99')).status).toBe(422)
  expect((await api('GET', '/sandbox/journal?vendor=customer')).body).toMatchObject([
    { status: 204, body: { headers: { 'webhook-id': 'one' }, body: { type: 'test.ping' } } },
    { status: 503 },
  ])
})

test('mail is listed without its source, read whole, and its html can do nothing', async () => {
  const transport = nodemailer.createTransport(bench.mail.url)
  await transport.sendMail({
    from: 'a@example.com',
    to: 'bo@example.com',
    subject: 'Hello',
    text: 'plain',
    html: '<p>rich</p><script>alert(1)</script>',
  })
  transport.close()
  const list = (await api('GET', '/sandbox/mail?to=bo@example.com')).body as { id: string }[]
  expect(list).toMatchObject([{ subject: 'Hello', to: ['bo@example.com'] }])
  expect(list[0]).not.toHaveProperty('raw')
  const id = list[0]?.id
  expect((await api('GET', `/sandbox/mail/${id}`)).body).toMatchObject({
    raw: expect.stringContaining('Subject: Hello'),
  })
  const html = await api('GET', `/sandbox/mail/${id}/html`)
  expect(html.text).toContain('<p>rich</p>')
  expect(html.headers.get('content-security-policy')).toMatch(/^sandbox .*default-src 'none'/)

  expect((await api('GET', '/sandbox/mail?to=nobody@example.com')).body).toEqual([])
  expect((await api('GET', '/sandbox/mail/999')).status).toBe(404)
  await api('DELETE', '/sandbox/mail')
  expect((await api('GET', '/sandbox/mail')).body).toEqual([])
})

test('text is rendered to the same audio each time, and an empty text is refused', async () => {
  const ask = async () => (await api('POST', '/sandbox/speech', { text: 'Say this.' })).body
  const first = (await ask()) as { audio: string; durationMs: number; words: unknown[] }
  expect(Buffer.from(first.audio, 'base64').length / 8).toBeCloseTo(first.durationMs, -1)
  expect(first.words).toHaveLength(2)
  expect(await ask()).toEqual(first)
  expect((await api('POST', '/sandbox/speech', { text: '  ' })).status).toBe(422)
  expect((await api('POST', '/sandbox/speech', { text: 'x', voice: '$(ls)' })).status).toBe(422)
})

test('a user can be made and given a token, and a taken address is refused', async () => {
  const user = { email: 'ann@example.com', password: 'sandbox-pass-1', firstName: 'Ann' }
  const made = await api('POST', '/sandbox/clerk/users', user)
  expect(made.status).toBe(201)
  const { id: userId } = made.body as { id: string }
  const azp = 'http://localhost:3000'
  const { body } = await api('POST', '/sandbox/clerk/tokens', { userId, azp })
  const claims = await verifyToken((body as { jwt: string }).jwt, { jwtKey: bench.clerk.jwtKey })
  expect(claims).toMatchObject({ sub: userId, azp })

  expect((await api('POST', '/sandbox/clerk/users', user)).status).toBe(422)
  expect((await api('POST', '/sandbox/clerk/tokens', { userId: 'user_x', azp })).status).toBe(404)
})

test('the environment tells a process everything it needs to talk to the stand-ins', async () => {
  const { body } = await api('GET', '/sandbox/environment')
  expect(body).toMatchObject({
    TWILIO_BASE_URL: bench.twilio.url,
    ELEVENLABS_BASE_URL: bench.elevenLabs.url,
    CLERK_FAPI_URL: bench.clerk.url,
    CLERK_JWT_KEY: bench.clerk.jwtKey,
    SMTP_URL: bench.mail.url,
    SANDBOX_URL: bench.control.url,
  })
})

test('a payment is disputed and decided by whoever holds the control', async () => {
  const pay = (path: string, fields: Record<string, string>) =>
    fetch(`${bench.stripe.url}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bench.environment.STRIPE_SECRET_KEY}` },
      body: new URLSearchParams(fields),
    }).then(async (answer) => z.object({ id: z.string() }).parse(await answer.json()))
  const { id: customer } = await pay('customers', {})
  const { id: method } = await pay('payment_methods/pm_card_visa/attach', { customer })
  const paid = { amount: '900', currency: 'usd', customer, payment_method: method, confirm: 'true' }
  const { id: paymentIntentId } = await pay('payment_intents', { ...paid, off_session: 'true' })
  const listed = await api('GET', '/sandbox/stripe/payments')
  expect(listed.body).toMatchObject([{ paymentIntentId, amountCents: 900, status: 'succeeded' }])

  await api('POST', '/sandbox/stripe/disputes', { paymentIntentId })
  const [dispute] = bench.stripe.disputes()
  const again = await api('POST', '/sandbox/stripe/disputes', { paymentIntentId })
  expect(again.status).toBe(400)
  const close = `/sandbox/stripe/disputes/${dispute?.id}/close`
  expect((await api('POST', close, { outcome: 'lost' })).body).toMatchObject({ status: 'lost' })
  const told = await api('GET', '/sandbox/stripe/events?type=charge.dispute.closed')
  expect(told.body).toHaveLength(1)
})

test('the pages load nothing from elsewhere and run no script that is not a file of theirs', async () => {
  for (const path of ['/', '/inbox', '/events']) {
    const page = await api('GET', path)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc="\/)/)
    for (const [, address] of page.text.matchAll(/(?:src|href)="([^"]+)"/g))
      expect((await api('GET', address ?? '')).status).toBe(200)
  }
  expect((await api('GET', '/..%2fstart.ts')).status).toBe(404)
})

test('a port that is taken stops the start, and nothing of it keeps running', async () => {
  const taken: Server = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const ports = { control: port, twilio: 0, elevenlabs: 0, openai: 0, stripe: 0, clerk: 0, smtp: 0 }
  await expect(aSandbox({ ports })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await new Promise((resolve) => taken.close(resolve))
})

test('options come from the environment, with the documented ports and sample secrets', () => {
  const { ports, credentials } = sandboxOptions({ SANDBOX_TWILIO_PORT: '5010' })
  expect(ports).toEqual({
    control: 4000,
    twilio: 5010,
    elevenlabs: 4020,
    openai: 4030,
    stripe: 4040,
    clerk: 4050,
    smtp: 4060,
  })
  expect(credentials.clerkPublishableKey).toBe('pk_live_Y2xlcmsuc2FuZGJveC50ZXN0JA')
  expect(() => sandboxOptions({ SANDBOX_TWILIO_PORT: 'many' })).toThrow('SANDBOX_TWILIO_PORT')
})

test('what was set up outlives a restart: users, mail and numbers', async () => {
  const first = await aSandbox()
  await first.clerk.addUser({ email: 'stay@example.com', password: 'sandbox-pass-1' })
  const { jwtKey } = first.clerk
  await first.close()
  const options = sandboxOptions({
    SANDBOX_DATA_DIR: first.folder,
    SANDBOX_SPEECH_ENGINE: 'formant',
  })
  const ports = { control: 0, twilio: 0, elevenlabs: 0, openai: 0, stripe: 0, clerk: 0, smtp: 0 }
  const second = await startSandbox({ ...options, ports })
  expect(second.clerk.jwtKey).toBe(jwtKey)
  await expect(second.clerk.addUser({ email: 'stay@example.com' })).rejects.toThrow('taken')
  await second.close()
  await first.dispose()
})
