import { verifyToken } from '@clerk/backend'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Answer, aBrowser, aClerk, type Bench, pageOrigin, secretKey } from './testing.ts'

let bench: Bench
let clock = 0
const now = () => Date.now() + clock

beforeAll(async () => {
  bench = await aClerk({ now })
  await bench.clerk.addUser({
    email: 'Ann@example.com',
    password: 'sandbox-pass-1',
    firstName: 'Ann',
  })
})
afterAll(() => bench.close())
beforeEach(() => {
  clock = 0
  bench.mail.inbox.clear()
})

const signIns = '/v1/client/sign_ins'
const signUps = '/v1/client/sign_ups'
const ann = { identifier: 'ann@example.com', password: 'sandbox-pass-1' }

async function aSignedInBrowser() {
  const browser = aBrowser(bench.clerk)
  const { body } = await browser.post(signIns, ann)
  const sessionId = body.response?.created_session_id ?? ''
  return { browser, sessionId, tokens: `/v1/client/sessions/${sessionId}/tokens` }
}

const firstError = ({ status, body }: Answer) => ({
  status,
  code: body.errors?.[0]?.code,
  field: body.errors?.[0]?.meta.param_name,
})

async function mailedCode(to: string): Promise<string> {
  const mail = await bench.mail.waitFor((m) => m.to.includes(to))
  return /\b\d{6}\b/.exec(mail.text)?.[0] ?? 'no code'
}

/** A code that is surely not the one that was mailed. */
const otherThan = (code: string) => `${(Number(code[0]) + 1) % 10}${code.slice(1)}`

test('a password signs in and gives a token that the real SDK verifies without a network', async () => {
  const { browser, sessionId, tokens } = await aSignedInBrowser()
  expect(browser.jar.get('__client')).toMatch(/^client_/)
  expect([...browser.jar.keys()].filter((name) => name.startsWith('__client_uat'))).toHaveLength(2)

  const { body } = await browser.post(tokens)
  const claims = await verifyToken(body.jwt ?? '', {
    jwtKey: bench.clerk.jwtKey,
    authorizedParties: [pageOrigin],
  })
  expect(claims).toMatchObject({
    sid: sessionId,
    azp: pageOrigin,
    iss: 'https://clerk.sandbox.test',
  })
  expect(claims.exp - claims.iat).toBe(60)
})

test('the identifier can come first and the password in a second step, as the component does it', async () => {
  const browser = aBrowser(bench.clerk)
  const first = await browser.post(signIns, { identifier: ann.identifier })
  expect(first.body.response).toMatchObject({ status: 'needs_first_factor' })
  const path = `${signIns}/${first.body.response?.id}/attempt_first_factor`
  const second = await browser.post(path, { strategy: 'password', password: ann.password })
  expect(second.body.response).toMatchObject({ status: 'complete' })
  expect(second.body.client?.sessions).toHaveLength(1)
})

test('a wrong password and an unknown account are refused under their own fields', async () => {
  const browser = aBrowser(bench.clerk)
  expect(firstError(await browser.post(signIns, { ...ann, password: 'wrong-pass' }))).toEqual({
    status: 422,
    code: 'form_password_incorrect',
    field: 'password',
  })
  expect(firstError(await browser.post(signIns, { ...ann, identifier: 'no@example.com' }))).toEqual(
    {
      status: 422,
      code: 'form_identifier_not_found',
      field: 'identifier',
    },
  )
  expect((await browser.get('/v1/client')).body.response).toBeNull()
})

test('a mailed code signs in once, a wrong one never', async () => {
  const browser = aBrowser(bench.clerk)
  const begun = await browser.post(signIns, { identifier: ann.identifier })
  const path = `${signIns}/${begun.body.response?.id}`
  await browser.post(`${path}/prepare_first_factor`, { strategy: 'email_code' })
  const code = await mailedCode('ann@example.com')

  const attempt = (value: string) =>
    browser.post(`${path}/attempt_first_factor`, { strategy: 'email_code', code: value })
  expect(firstError(await attempt(otherThan(code)))).toMatchObject({ code: 'form_code_incorrect' })
  expect((await attempt(code)).body.response).toMatchObject({ status: 'complete' })
  expect((await attempt(code)).status).toBe(404)
})

test('codes differ, expire after ten minutes and stop being tried after five guesses', async () => {
  const seen = new Set<string>()
  const browser = aBrowser(bench.clerk)
  const begun = await browser.post(signIns, { identifier: ann.identifier })
  const path = `${signIns}/${begun.body.response?.id}`
  for (let n = 0; n < 4; n++) {
    bench.mail.inbox.clear()
    await browser.post(`${path}/prepare_first_factor`, { strategy: 'email_code' })
    seen.add(await mailedCode('ann@example.com'))
  }
  expect(seen.size).toBeGreaterThan(1)

  const code = [...seen].at(-1) ?? ''
  const attempt = (value: string) =>
    browser.post(`${path}/attempt_first_factor`, { strategy: 'email_code', code: value })
  clock = 10 * 60_000 + 1
  expect(firstError(await attempt(code))).toMatchObject({ code: 'verification_expired' })
  clock = 0
  for (let n = 0; n < 5; n++) await attempt(otherThan(code))
  expect(firstError(await attempt(code))).toMatchObject({ code: 'verification_failed' })
})

test('a forgotten password is replaced by way of a mailed code', async () => {
  await bench.clerk.addUser({ email: 'forgetful@example.com', password: 'long-forgotten' })
  const browser = aBrowser(bench.clerk)
  const begun = await browser.post(signIns, { identifier: 'forgetful@example.com' })
  const path = `${signIns}/${begun.body.response?.id}`
  const strategy = 'reset_password_email_code'
  expect((await browser.post(`${path}/reset_password`, { password: 'too-early-1' })).status).toBe(
    404,
  )

  await browser.post(`${path}/prepare_first_factor`, { strategy })
  const code = await mailedCode('forgetful@example.com')
  const proven = await browser.post(`${path}/attempt_first_factor`, { strategy, code })
  expect(proven.body.response).toMatchObject({ status: 'needs_new_password' })
  const short = await browser.post(`${path}/reset_password`, { password: 'short' })
  expect(firstError(short)).toMatchObject({ code: 'form_password_length_too_short' })
  const done = await browser.post(`${path}/reset_password`, { password: 'brand-new-pass' })
  expect(done.body.response).toMatchObject({ status: 'complete' })

  const form = { identifier: 'forgetful@example.com' }
  expect((await browser.post(signIns, { ...form, password: 'long-forgotten' })).status).toBe(422)
  expect((await browser.post(signIns, { ...form, password: 'brand-new-pass' })).status).toBe(200)
})

test('signing up takes an address, a password and the code that was mailed to it', async () => {
  const browser = aBrowser(bench.clerk)
  const made = await browser.post(signUps, {
    email_address: 'New@example.com',
    password: 'sandbox-pass-2',
    first_name: 'Nia',
  })
  const path = `${signUps}/${made.body.response?.id}`
  expect(made.body.response).toMatchObject({
    status: 'missing_requirements',
    unverified_fields: ['email_address'],
    verifications: { email_address: { strategy: '', next_action: 'needs_prepare' } },
  })
  const sent = await browser.post(`${path}/prepare_verification`, { strategy: 'email_code' })
  expect(sent.body.response).toMatchObject({
    verifications: { email_address: { strategy: 'email_code', next_action: 'needs_attempt' } },
  })

  const code = await mailedCode('new@example.com')
  const wrong = await browser.post(`${path}/attempt_verification`, { code: otherThan(code) })
  expect(firstError(wrong)).toEqual({ status: 422, code: 'form_code_incorrect', field: 'code' })
  const done = await browser.post(`${path}/attempt_verification`, { code })
  expect(done.body.response).toMatchObject({ status: 'complete' })
  expect(done.body.client?.last_active_session_id).toBe(done.body.response?.created_session_id)
  const again = { identifier: 'new@example.com', password: 'sandbox-pass-2' }
  expect((await aBrowser(bench.clerk).post(signIns, again)).status).toBe(200)
})

test('signing up refuses a taken address, a malformed one and a short password', async () => {
  const browser = aBrowser(bench.clerk)
  const attempt = async (email_address: string, password: string) =>
    firstError(await browser.post(signUps, { email_address, password }))
  expect(await attempt('ANN@example.com', 'sandbox-pass-1')).toEqual({
    status: 422,
    code: 'form_identifier_exists',
    field: 'email_address',
  })
  expect(await attempt('nobody', 'sandbox-pass-1')).toMatchObject({ field: 'email_address' })
  expect(await attempt('ok@example.com', 'seven77')).toMatchObject({
    code: 'form_password_length_too_short',
    field: 'password',
  })
})

test('two sign-ups for one address at once make one user', async () => {
  const finish = async () => {
    const browser = aBrowser(bench.clerk)
    const form = { email_address: 'race@example.com', password: 'sandbox-pass-3' }
    const made = await browser.post(signUps, form)
    const path = `${signUps}/${made.body.response?.id}`
    bench.mail.inbox.clear()
    await browser.post(`${path}/prepare_verification`, { strategy: 'email_code' })
    const code = await mailedCode('race@example.com')
    return () => browser.post(`${path}/attempt_verification`, { code })
  }
  const first = await finish()
  const second = await finish()
  const statuses = (await Promise.all([first(), second()])).map((answer) => answer.status)
  expect(statuses.toSorted()).toEqual([200, 422])
})

test('when the mail server is down the person is told to try again', async () => {
  bench.faults.add({
    vendor: 'mail',
    on: 'request',
    method: 'RCPT',
    action: { type: 'status', status: 451 },
  })
  const browser = aBrowser(bench.clerk)
  const begun = await browser.post(signIns, { identifier: ann.identifier })
  const path = `${signIns}/${begun.body.response?.id}/prepare_first_factor`
  const failed = await browser.post(path, { strategy: 'email_code' })
  expect(firstError(failed)).toMatchObject({ status: 503, code: 'email_delivery_failed' })
  expect((await browser.post(path, { strategy: 'email_code' })).status).toBe(200)
})

test('signing out ends the session: no more tokens, and the browser is told', async () => {
  const { browser, tokens } = await aSignedInBrowser()
  const out = await browser.send('DELETE', '/v1/client/sessions')
  expect(out.body.response?.sessions).toEqual([])
  expect(out.cookies.get('__client_uat')).toBe('0')
  expect(firstError(await browser.post(tokens))).toMatchObject({ status: 401 })
})

test('a session of one browser is unknown to another', async () => {
  const { tokens } = await aSignedInBrowser()
  const stranger = aBrowser(bench.clerk)
  expect(firstError(await stranger.post(tokens))).toMatchObject({
    status: 401,
    code: 'authentication_invalid',
  })
  expect((await stranger.get('/v1/me')).status).toBe(401)
  expect((await stranger.get('/v1/client')).body.response).toBeNull()
})

test('a changed name is seen in the profile and is told to the backend', async () => {
  const { browser } = await aSignedInBrowser()
  const changed = await browser.send('PATCH', '/v1/me', { last_name: 'Archer' })
  expect(changed.body.response).toMatchObject({ first_name: 'Ann', last_name: 'Archer' })
})

test('changing the password needs the one in force', async () => {
  await bench.clerk.addUser({ email: 'changer@example.com', password: 'before-pass' })
  const browser = aBrowser(bench.clerk)
  await browser.post(signIns, { identifier: 'changer@example.com', password: 'before-pass' })
  const change = (current_password: string) =>
    browser.post('/v1/me/change_password', { current_password, new_password: 'after-pass-1' })
  expect(firstError(await change('guess-pass'))).toMatchObject({ field: 'current_password' })
  expect((await change('before-pass')).status).toBe(200)
})

test('a handshake gives back a fresh session cookie, and after sign-out takes it away', async () => {
  const { browser, sessionId } = await aSignedInBrowser()
  const path = `/v1/client/handshake?redirect_url=${encodeURIComponent(`${pageOrigin}/calls`)}`
  const given = await browser.get(path)
  expect(given).toMatchObject({ status: 307, location: `${pageOrigin}/calls` })
  const cookies = handshakeCookies(given)
  const token = /^__session=(.+?);/.exec(cookies.find((c) => c.startsWith('__session=')) ?? '')?.[1]
  const claims = await verifyToken(token ?? '', { jwtKey: bench.clerk.jwtKey })
  expect(claims).toMatchObject({ sid: sessionId, azp: pageOrigin })

  await browser.send('DELETE', '/v1/client/sessions')
  const after = handshakeCookies(await browser.get(path))
  expect(after).toContain('__session=; Path=/; Max-Age=0; SameSite=Lax')
  expect(after).toContain('__clerk_handshake=; Path=/; Max-Age=0')
})

test('users, sessions and the signing key outlive the process', async () => {
  const { browser, tokens } = await aSignedInBrowser()
  const { jwtKey } = bench.clerk
  const restarted = await bench.restart()
  expect(restarted.jwtKey).toBe(jwtKey)
  const later = aBrowser(restarted)
  for (const [name, value] of browser.jar) later.jar.set(name, value)
  const { body } = await later.post(tokens)
  expect(await verifyToken(body.jwt ?? '', { jwtKey })).toMatchObject({ azp: pageOrigin })
})

test('a proxied request without the right secret key is refused', async () => {
  const ask = (headers: Record<string, string>) =>
    fetch(`${bench.clerk.url}/v1/environment`, { headers }).then((response) => response.status)
  const proxied = { 'clerk-proxy-url': `${pageOrigin}/__clerk` }
  expect(await ask(proxied)).toBe(400)
  expect(await ask({ ...proxied, 'clerk-secret-key': secretKey })).toBe(200)
})

test('the browser bundles are served whole, and nothing beside them', async () => {
  const get = (path: string) => fetch(`${bench.clerk.url}${path}`)
  const js = await get('/npm/@clerk/clerk-js@6/dist/clerk.browser.js')
  expect(js.headers.get('content-type')).toContain('javascript')
  expect((await js.text()).length).toBeGreaterThan(200_000)
  expect((await get('/npm/@clerk/ui@1.34.0/dist/ui.browser.js')).status).toBe(200)
  expect((await get('/npm/@clerk/ui@1/dist/..%2Fpackage.json')).status).toBe(404)
  expect((await get('/npm/@clerk/backend@1/dist/index.js')).status).toBe(404)
})

function handshakeCookies({ cookies }: Answer): string[] {
  const payload = cookies.get('__clerk_handshake')?.split('.')[1] ?? ''
  const { handshake } = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return handshake
}
