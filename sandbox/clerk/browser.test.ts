import { verifyToken } from '@clerk/backend'
import Fastify, { type FastifyInstance } from 'fastify'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findChromium } from '../../scripts/chromium.ts'
import { aClerk, type Bench, publishableKey, secretKey } from './testing.ts'

// Clerk's own browser library and components, in a bare page, behind a proxy such as the product has.

const executablePath = findChromium()
const args = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const page = `<!doctype html><html lang="en"><title>Sign in</title><body><main id="app"></main>
<script src="/__clerk/npm/@clerk/clerk-js@6/dist/clerk.browser.js"
  data-clerk-publishable-key="${publishableKey}" data-clerk-proxy-url="/__clerk"></script>
<script src="/__clerk/npm/@clerk/ui@1/dist/ui.browser.js"></script>
<script type="module">
  await Clerk.load({ ui: { ClerkUI: window.__internal_ClerkUICtor }, telemetry: false,
    signInUrl: '/sign-in', signUpUrl: '/sign-up' })
  const app = document.getElementById('app')
  if (Clerk.user) app.textContent = 'Signed in as ' + Clerk.user.primaryEmailAddress.emailAddress
  else if (location.pathname === '/sign-up') Clerk.mountSignUp(app, { fallbackRedirectUrl: '/home' })
  else Clerk.mountSignIn(app, { fallbackRedirectUrl: '/home' })
</script></body></html>`

describe.skipIf(!executablePath)("Clerk's components in a browser", () => {
  let bench: Bench
  let site: FastifyInstance
  let origin: string
  let browser: Browser
  const foreign: string[] = []

  beforeAll(async () => {
    bench = await aClerk()
    await bench.clerk.addUser({ email: 'ann@example.com', password: 'sandbox-pass-1' })
    site = aSite(bench)
    const { port } = new URL(await site.listen({ port: 0, host: 'localhost' }))
    origin = `http://localhost:${port}`
    browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args })
  })
  afterAll(async () => {
    await browser.close()
    await site.close()
    await bench.close()
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    expect(foreign.splice(0)).toEqual([])
  })

  async function open(path: string): Promise<Page> {
    const context = await browser.newContext()
    const opened = await context.newPage()
    opened.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) foreign.push(url)
    })
    await opened.goto(`${origin}${path}`)
    return opened
  }

  const passwordField = 'input[name=password]:not([disabled]):visible'
  const goOn = (opened: Page) =>
    opened.getByRole('button', { name: 'Continue', exact: true }).click()

  test('a wrong password is refused under its field, the right one signs in and out', async () => {
    const opened = await open('/sign-in')
    await opened.locator('input[name=identifier]').fill('ann@example.com')
    await goOn(opened)
    await opened.locator(passwordField).fill('not-the-password')
    await goOn(opened)
    await opened.getByText('Password is incorrect').first().waitFor()
    await opened.locator(passwordField).fill('sandbox-pass-1')
    await goOn(opened)
    await opened.getByText('Signed in as ann@example.com').waitFor()

    const token = await opened.evaluate<string>('Clerk.session.getToken({ skipCache: true })')
    const claims = await verifyToken(token, {
      jwtKey: bench.clerk.jwtKey,
      authorizedParties: [origin],
    })
    expect(claims.azp).toBe(origin)
    await opened.reload()
    await opened.getByText('Signed in as ann@example.com').waitFor()
    // Signing out leads to the first page by itself.
    await opened.evaluate('void Clerk.signOut()')
    await opened.locator('input[name=identifier]').waitFor()
  }, 40_000)

  test('an unknown account is refused under the address', async () => {
    const opened = await open('/sign-in')
    await opened.locator('input[name=identifier]').fill('nobody@example.com')
    await goOn(opened)
    await opened.getByText("Couldn't find your account.").first().waitFor()
  })

  test('a new person signs up with the code from the inbox', async () => {
    const opened = await open('/sign-up')
    await opened.locator('input[name=emailAddress]').fill('new@example.com')
    await opened.locator(passwordField).fill('sandbox-pass-2')
    await goOn(opened)
    const mail = await bench.mail.waitFor((one) => one.to.includes('new@example.com'), 10_000)
    const code = /\b\d{6}\b/.exec(mail.text)?.[0] ?? ''
    const box = opened.locator('input[autocomplete="one-time-code"]')
    await box.waitFor()
    await box.focus()
    await opened.keyboard.type(code, { delay: 30 })
    await opened.getByText('Signed in as new@example.com').waitFor()
  }, 40_000)
})

/** A site whose `/__clerk` is forwarded to the stand-in, as Clerk's middleware does it. */
function aSite({ clerk }: Bench): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.get('/*', async (_request, reply) => reply.type('text/html').send(page))
  app.all('/__clerk/*', async (request, reply) => {
    const {
      host: _host,
      connection: _connection,
      'content-length': _length,
      ...headers
    } = request.headers
    const answer = await fetch(`${clerk.url}${request.url.slice('/__clerk'.length)}`, {
      method: request.method,
      redirect: 'manual',
      headers: {
        ...Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, String(value)]),
        ),
        'clerk-proxy-url': `http://${request.headers.host}/__clerk`,
        'clerk-secret-key': secretKey,
      },
      ...(request.body instanceof Uint8Array ? { body: new Uint8Array(request.body) } : {}),
    })
    const cookies = answer.headers.getSetCookie()
    if (cookies.length > 0) reply.header('set-cookie', cookies)
    return reply
      .code(answer.status)
      .type(answer.headers.get('content-type') ?? 'text/plain')
      .send(Buffer.from(await answer.arrayBuffer()))
  })
  return app
}
