import { createHmac, generateKeyPairSync } from 'node:crypto'
import { connect } from 'node:net'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Endpoint, endpoint } from '#api/contract/endpoint.ts'
import { problem } from '#api/contract/problem.ts'
import { sessionToken, type TestApi, testApi } from '#api/testing.ts'
import { getMe } from '#contracts/access'
import { listMembers, removeMember } from '#contracts/members'
import { createOrganization, getOrganization, pauseOrganization } from '#contracts/organizations'
import { createHttp } from './http.ts'
import { shedOverload, watchDelay } from './overload.ts'
import { collectRoutes } from './routes.ts'
import { serve } from './serve.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())

const codeOf = (response: { body: string }) => problem.parse(JSON.parse(response.body)).code
const ago = (seconds: number) => Math.floor(Date.now() / 1000) - seconds

describe('who is asking', () => {
  test('a genuine session says who it is and where it belongs', async () => {
    const organizationId = await api.database.anOrganization({ name: 'Northwind' })
    const person = await api.aPerson({ organizationId, role: 'org_manager' })
    const response = await api.call(getMe, {}, person)
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({
      userId: person.userId,
      platformRole: null,
      membership: { organizationId, organizationName: 'Northwind', role: 'org_manager' },
      sandbox: { inboxUrl: 'http://127.0.0.1:4000/inbox' },
    })
  })

  test('a token a few seconds too old is still taken, since clocks differ', async () => {
    const person = await api.aPerson()
    const token = sessionToken(person.clerkUserId, { exp: ago(3) })
    expect((await api.call(getMe, {}, { token })).statusCode).toBe(200)
  })

  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const none = (sub: string) => {
    const [header, claims] = [
      { alg: 'none', typ: 'JWT' },
      {
        sub,
        sid: 's',
        azp: 'http://localhost:3000',
        iss: 'https://clerk.sandbox.test',
        exp: ago(-60),
        iat: ago(0),
        nbf: ago(1),
      },
    ]
    return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`
  }
  const confused = (sub: string, jwtKey: string) => {
    const [header, claims] = sessionToken(sub).split('.')
    const text = `${Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT' })).toString('base64url')}.${claims}`
    return header && `${text}.${createHmac('sha256', jwtKey).update(text).digest('base64url')}`
  }
  test.each<[string, (sub: string) => string | undefined]>([
    ['signed by another key', (sub) => sessionToken(sub, {}, {}, stranger)],
    ['expired', (sub) => sessionToken(sub, { exp: ago(30), iat: ago(90) })],
    ['not valid yet', (sub) => sessionToken(sub, { nbf: ago(-60) })],
    ['of another issuer', (sub) => sessionToken(sub, { iss: 'https://clerk.evil.test' })],
    ['of another page', (sub) => sessionToken(sub, { azp: 'https://evil.test' })],
    ['without a page', (sub) => sessionToken(sub, { azp: undefined })],
    ['without a session', (sub) => sessionToken(sub, { sid: undefined })],
    ['of an unfinished session', (sub) => sessionToken(sub, { sts: 'pending' })],
    ['made from a template', (sub) => sessionToken(sub, {}, { cat: 'cl_B7d4PD222AAA' })],
    ['unsigned', none],
    [
      'signed with the public key as a shared secret',
      (sub) => confused(sub, api.deps.config.clerk.jwtKey),
    ],
    ['cut in half', (sub) => sessionToken(sub).slice(0, 200)],
    ['longer than a token can be', (sub) => sessionToken(sub, { padding: 'x'.repeat(9_000) })],
    ['no token', () => 'hello'],
  ])('a token %s is refused with 401', async (_what, make) => {
    const person = await api.aPerson()
    const response = await api.call(getMe, {}, { token: make(person.clerkUserId) ?? '' })
    expect(response.statusCode).toBe(401)
    expect(codeOf(response)).toBe('request.unauthenticated')
    expect(response.headers['www-authenticate']).toBe('Bearer')
  })

  test('a session cookie does not sign in: other sites could send it', async () => {
    const person = await api.aPerson()
    const response = await api.app.inject({
      url: '/v1/me',
      headers: { cookie: `__session=${person.token}; __client_uat=1` },
    })
    expect(response.statusCode).toBe(401)
  })

  test('a person who was deleted is refused although the token is genuine', async () => {
    const person = await api.aPerson()
    await api.database.query('platform', 'update users set deleted_at = now() where id = $1', [
      person.userId,
    ])
    expect((await api.call(getMe, {}, person)).statusCode).toBe(401)
  })

  test('when Clerk must be asked about a new person and is away, the answer is 503 and not a refusal', async () => {
    const response = await api.call(getMe, {}, { token: sessionToken('user_neverseen') })
    expect(response.statusCode).toBe(503)
    expect(codeOf(response)).toBe('vendor.unavailable')
    expect(response.headers['retry-after']).toBe('5')
  })
})

describe('who may', () => {
  test('a refused permission is answered 403, logged once and counted', async () => {
    const person = await api.aHolderOf('sales_person')
    const before = api.logged().filter((line) => line.msg === 'access refused').length
    const response = await api.call(listMembers, { query: {} }, person)
    expect(response.statusCode).toBe(403)
    expect(codeOf(response)).toBe('request.forbidden')
    const lines = api.logged().filter((line) => line.msg === 'access refused')
    expect(lines).toHaveLength(before + 1)
    expect(lines.at(-1)).toMatchObject({
      permission: 'members.read',
      roles: ['sales_person'],
      userId: person.userId,
      route: 'GET /v1/members',
    })
    expect(await api.metrics.registry.metrics()).toMatch(
      /refused_checks_total{check="permission".*} [1-9]/,
    )
  })

  const removal = { params: { memberId: crypto.randomUUID() } }

  test('a pause takes effect with the next request: reading goes on, writing is refused', async () => {
    const [admin, root] = [await api.aHolderOf('admin'), await api.aHolderOf('super_admin')]
    expect((await api.call(removeMember, removal, admin)).statusCode).toBe(404)
    await api.call(
      pauseOrganization,
      { params: { organizationId: admin.organizationId ?? '' }, body: { reason: 'unpaid' } },
      root,
    )
    const response = await api.call(removeMember, removal, admin)
    expect([response.statusCode, codeOf(response)]).toEqual([403, 'organization.not_active'])
    expect((await api.call(getOrganization, {}, admin)).statusCode).toBe(200)
    expect((await api.call(getMe, {}, admin)).json().membership.organizationStatus).toBe('paused')
  })

  test('of an archived organization its people see nothing but who they are', async () => {
    const admin = await api.aHolderOf('admin')
    await api.database.query(
      'admin',
      `update organizations set status = 'archived' where id = $1`,
      [admin.organizationId],
    )
    for (const response of [
      await api.call(getOrganization, {}, admin),
      await api.call(removeMember, removal, admin),
      await api.call(createOrganization, { body: { name: 'Another' } }, admin),
    ])
      expect([response.statusCode, codeOf(response)]).toEqual([403, 'organization.not_active'])
    expect((await api.call(getMe, {}, admin)).json().membership.organizationStatus).toBe('archived')
  })

  test('a switched-off feature refuses its operations to everybody inside, and only those', async () => {
    const admin = await api.aHolderOf('admin')
    const { app } = await createHttp(api.deps)
    const read = { method: 'GET', summary: 'x', permission: 'agents.read' } as const
    const ask = (url: string) =>
      app.inject({ url, headers: { authorization: `Bearer ${admin.token}` } })
    serve(app, { ...read, path: '/knowledge', feature: 'knowledge', response }, async () => ({}))
    serve(app, { ...read, path: '/plain', response }, async () => ({}))
    expect((await ask('/knowledge')).statusCode).toBe(200)
    await api.database.query(
      'app',
      `insert into feature_flags (organization_id, flag, enabled) values ($1, 'knowledge', false), ($1, 'api_keys', true)`,
      [admin.organizationId],
      admin.organizationId ?? '',
    )
    const refused = await ask('/knowledge')
    expect([refused.statusCode, codeOf(refused)]).toEqual([403, 'feature.off'])
    expect((await ask('/plain')).statusCode).toBe(200)
    await app.close()
  })
  const response = z.object({})

  test('a demotion and a removal take effect with the next request', async () => {
    const admin = await api.aHolderOf('admin')
    const update = (text: string) =>
      api.database.query('app', text, [admin.userId], admin.organizationId ?? '')
    await update(`update memberships set role = 'sales_person' where user_id = $1`)
    expect((await api.call(listMembers, { query: {} }, admin)).statusCode).toBe(403)
    await update('delete from memberships where user_id = $1')
    expect((await api.call(getOrganization, {}, admin)).statusCode).toBe(403)
  })

  test('the allow-list makes a super admin only of a verified address', async () => {
    const listed = await testApi({ SUPER_ADMIN_EMAILS: 'Root@voxcalls.test' })
    try {
      const root = await listed.aPerson({ email: 'root@voxcalls.test' })
      expect((await listed.call(getMe, {}, root)).json().platformRole).toBe('super_admin')
      await listed.database.query('platform', 'update users set email_verified = false')
      expect((await listed.call(getMe, {}, root)).json().platformRole).toBeNull()
    } finally {
      await listed.close()
    }
  })
})

describe('what may be sent', () => {
  const asked = async (payload: unknown, headers: Record<string, string> = {}) => {
    const person = await api.aPerson()
    return api.app.inject({
      method: 'POST',
      url: createOrganization.path,
      headers: {
        authorization: `Bearer ${person.token}`,
        'content-type': 'application/json',
        ...headers,
      },
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    })
  }

  test.each<[string, unknown]>([
    ['an undeclared property', { name: 'A', role: 'super_admin' }],
    ['a tenant of the caller’s choosing', { name: 'A', organizationId: crypto.randomUUID() }],
    ['a prototype', '{"name":"A","__proto__":{"role":"admin"}}'],
    ['a constructor', '{"name":"A","constructor":{"prototype":{}}}'],
    ['no name', {}],
    ['a time zone that is none', { name: 'A', timeZone: 'Mars/Olympus' }],
    ['a NUL', { name: 'A\u0000B' }],
    ['a lone surrogate', '{"name":"A\\ud800"}'],
    ['half a JSON', '{"name":'],
    ['nothing at all', ''],
    ['an array', []],
  ])('a body with %s is refused with 400 and changes nothing', async (_what, payload) => {
    const response = await asked(payload)
    expect(response.statusCode).toBe(400)
    expect(codeOf(response)).toBe('request.invalid')
    expect(response.headers['content-type']).toContain('application/problem+json')
  })

  test('the fields that are wrong are named', async () => {
    const response = await asked({ name: '', timeZone: 7 })
    expect(problem.parse(response.json()).errors?.map(({ path }) => path)).toEqual([
      'body.name',
      'body.timeZone',
    ])
  })

  test.each([
    'limit=1&limit=2',
    'limit=101',
    'limit=0',
    'unknown=1',
    '__proto__=1',
    'cursor=not-ours',
  ])('the query %s is refused with 400', async (query) => {
    const admin = await api.aHolderOf('admin')
    const response = await api.app.inject({
      url: `/v1/members?${query}`,
      headers: { authorization: `Bearer ${admin.token}` },
    })
    expect(response.statusCode).toBe(400)
  })

  test('a body over 64 KiB is refused with 413 and another media type with 415', async () => {
    expect((await asked({ name: 'x'.repeat(70_000) })).statusCode).toBe(413)
    expect((await asked('<name/>', { 'content-type': 'application/xml' })).statusCode).toBe(415)
  })

  test('a path nobody declared and an unreadable one have problems too', async () => {
    expect(codeOf(await api.app.inject('/v1/nothing'))).toBe('request.not_found')
    const bad = await api.app.inject('/v1/organizations/%zz')
    expect([bad.statusCode, codeOf(bad)]).toEqual([400, 'request.invalid'])
  })
})

describe('what is answered', () => {
  test('every answer carries the security headers and its request id, errors included', async () => {
    for (const url of ['/livez', '/v1/me', '/v1/nothing']) {
      const { headers } = await api.app.inject(url)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      })
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    }
  })

  test('only the console’s origin may read answers in a browser', async () => {
    const preflight = (origin: string) =>
      api.app.inject({
        method: 'OPTIONS',
        url: '/v1/me',
        headers: { origin, 'access-control-request-method': 'GET' },
      })
    const ours = await preflight('http://localhost:3000')
    expect(ours.statusCode).toBe(204)
    expect(ours.headers['access-control-allow-origin']).toBe('http://localhost:3000')
    expect((await preflight('https://evil.test')).headers['access-control-allow-origin']).not.toBe(
      'https://evil.test',
    )
  })

  test('an unforeseen failure is logged whole and answered without detail', async () => {
    const { app } = await createHttp(api.deps)
    const broken = endpoint({
      method: 'GET',
      path: '/broken',
      permission: 'anyone',
      summary: 'Fails',
      response: z.object({ id: z.uuid() }),
    })
    serve(app, broken, async () => {
      throw new Error('select secret from vault')
    })
    const response = await app.inject('/broken')
    expect(response.statusCode).toBe(500)
    expect(response.json()).toMatchObject({ code: 'request.internal', detail: 'Internal error.' })
    expect(response.body).not.toContain('vault')
    expect(JSON.stringify(api.logged())).toContain('select secret from vault')
    await app.close()
  })

  test('an answer holds what its schema declares and nothing else', async () => {
    const { app } = await createHttp(api.deps)
    const shy = endpoint({
      method: 'GET',
      path: '/shy',
      permission: 'anyone',
      summary: 'Keeps its secret',
      response: z.object({ name: z.string() }),
    })
    serve(app, shy, async () => ({ name: 'Ada', passwordHash: 'x' }))
    expect((await app.inject('/shy')).json()).toEqual({ name: 'Ada' })
    await app.close()
  })

  test('the probes tell a drain, and liveness does not care', async () => {
    const own = await testApi()
    try {
      expect((await own.app.inject('/readyz')).statusCode).toBe(200)
      own.deps.health.drain()
      expect((await own.app.inject('/readyz')).statusCode).toBe(503)
      expect((await own.app.inject('/livez')).statusCode).toBe(200)
      expect((await own.app.inject('/metrics')).body).toContain('voxcalls_http_request_seconds')
    } finally {
      await own.close()
    }
  })
})

describe('under load', () => {
  test('a late event loop refuses new work with 503 and a time to come back, and answers probes', async () => {
    const { app } = await createHttp(api.deps)
    let delayMs = 0
    let stopped = false
    const watch = {
      delayMs: () => delayMs,
      stop: () => {
        stopped = true
      },
    }
    shedOverload(app, api.metrics, watch)
    const declared = { method: 'GET', summary: 'x', response: z.object({}) } as const
    serve(app, { ...declared, path: '/work', permission: 'signed in' }, async () => ({}))
    serve(app, { ...declared, path: '/probe', permission: 'anyone' }, async () => ({}))
    const person = await api.aPerson()
    const ask = (url: string) =>
      app.inject({ url, headers: { authorization: `Bearer ${person.token}` } })

    expect((await ask('/work')).statusCode).toBe(200)
    delayMs = 251
    const refused = await ask('/work')
    expect([refused.statusCode, codeOf(refused)]).toEqual([503, 'request.unavailable'])
    expect(refused.headers['retry-after']).toBe('2')
    expect((await ask('/probe')).statusCode).toBe(200)
    await app.close()
    expect(stopped).toBe(true)
  })

  test('the delay of a blocked event loop is seen', async () => {
    const watch = watchDelay()
    const until = performance.now() + 600
    while (performance.now() < until) Math.sqrt(until)
    await expect.poll(() => watch.delayMs(), { timeout: 5_000 }).toBeGreaterThan(0)
    watch.stop()
  })
})

describe('what may be served', () => {
  test('a route that nobody declared does not start', async () => {
    const app = Fastify()
    collectRoutes(app)
    expect(() => app.get('/bare', async () => 'x')).toThrow('was not declared')
  })

  const declared = {
    method: 'POST',
    path: '/x/:callId',
    permission: 'anyone',
    summary: 'x',
    response: z.object({}),
  } as const
  test.each<[string, Endpoint, string]>([
    [
      'an open body',
      {
        ...declared,
        params: z.strictObject({ callId: z.uuid() }),
        resources: { callId: 'call' },
        body: z.object({ a: z.string() }),
      },
      'undeclared properties at body',
    ],
    [
      'an open object inside',
      {
        ...declared,
        params: z.strictObject({ callId: z.uuid() }),
        resources: { callId: 'call' },
        body: z.strictObject({ a: z.array(z.object({ b: z.string() })) }),
      },
      'body.a.*',
    ],
    [
      'an id that names nothing',
      { ...declared, params: z.strictObject({ callId: z.uuid() }) },
      'what callId names',
    ],
    [
      'an id in its body that names nothing',
      { ...declared, path: '/x', body: z.strictObject({ agentId: z.uuid() }) },
      'what agentId names',
    ],
    [
      'a key that belongs to no organization',
      { ...declared, path: '/x', idempotent: true },
      'belongs to no organization',
    ],
    [
      'a parameter its path lacks',
      { ...declared, params: z.strictObject({ id: z.uuid() }) },
      'other parameters',
    ],
  ])('an endpoint with %s does not start', async (_what, wrong, message) => {
    const { app } = await createHttp(api.deps)
    expect(() => serve(app, wrong, async () => ({}))).toThrow(message)
    await app.close()
  })
})

describe('slow and broken peers', () => {
  const exchange = async (write: string): Promise<string> => {
    const own = await testApi()
    await own.app.listen({ host: '127.0.0.1', port: 0 })
    const address = own.app.server.address()
    if (!address || typeof address === 'string') throw new Error('no address')
    const socket = connect(address.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.on('error', () => socket.destroy())
    socket.write(write)
    await new Promise((resolve) => socket.once('close', resolve))
    await own.close()
    return answer
  }

  test('what is not HTTP is answered with a problem and hung up on', async () => {
    expect(await exchange('HELLO\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [\s\S]*request\.malformed/)
  })

  test('headers over 16 KiB are answered 431', async () => {
    const padding = 'x'.repeat(20_000)
    expect(
      await exchange(`GET /livez HTTP/1.1\r\nhost: x\r\nx-padding: ${padding}\r\n\r\n`),
    ).toMatch(/^HTTP\/1.1 431 /)
  })

  test('all three server timers are set, so a body that trickles in is not waited for without end', () => {
    const { server } = api.app
    expect([server.headersTimeout, server.requestTimeout, server.keepAliveTimeout]).toEqual([
      8_000, 60_000, 5_000,
    ])
  })
})
