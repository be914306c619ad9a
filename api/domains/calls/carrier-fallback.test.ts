import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApi, testApi } from '#api/testing.ts'
import { sign } from '../../../sandbox/twilio/signature.ts'
import { FAREWELL } from './service.ts'

const GATEWAY = 'http://127.0.0.1:3002'
const FALLBACK = 'http://127.0.0.1:3001/webhooks/twilio/fallback'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api?.close())

const told = (errorUrl?: string, errorCode = '11205'): Record<string, string> => ({
  AccountSid: api.ctx.vendors.twilio.accountSid,
  CallSid: `CA${'1'.repeat(32)}`,
  ErrorCode: errorCode,
  ...(errorUrl && { ErrorUrl: errorUrl }),
})

/** As Twilio asks: signed with the account's token over the address that we gave it. */
async function fallBack(params: Record<string, string>, signature?: string) {
  const { authToken } = api.ctx.vendors.twilio.credentials()
  return await api.app.inject({
    method: 'POST',
    url: '/webhooks/twilio/fallback',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': signature ?? sign(authToken, FALLBACK, params),
    },
    payload: new URLSearchParams(params).toString(),
  })
}

/** The address that the answer sends Twilio to, without its time; null where it sends nowhere. */
function askedIn(body: string): { url: string; until: number } | null {
  const text = /<Redirect[^>]*>([^<]+)<\/Redirect>/.exec(body)?.[1]
  if (!text) return null
  const url = new URL(text.replaceAll('&amp;', '&'))
  const until = Number(url.searchParams.get('until'))
  url.searchParams.delete('until')
  return { url: url.href, until }
}

test.each([
  '/twilio/voice',
  '/twilio/resume?tries=2',
  '/twilio/outbound/answer?organizationId=o&callId=c',
])('of a gateway that does not answer at %s the same is asked after a pause', async (path) => {
  const { statusCode, headers, body } = await fallBack(told(`${GATEWAY}${path}`))
  expect(statusCode).toBe(200)
  expect(headers['content-type']).toContain('text/xml')
  expect(body).toContain('<Pause length="1"/>')
  expect(askedIn(body)?.url).toBe(`${GATEWAY}${path}`)
})

test('what cannot be asked again goes to the address for calls that nobody took', async () => {
  const wanted = `${GATEWAY}/twilio/fallback`
  const asked = async (url: string, code?: string) =>
    askedIn((await fallBack(told(url, code))).body)?.url
  // ElevenLabs did not answer for a number that it holds; a document of ours was refused; a look-alike.
  expect(await asked('https://api.elevenlabs.io/twilio/inbound_call')).toBe(wanted)
  expect(await asked(`${GATEWAY}/twilio/voice`, '12100')).toBe(wanted)
  expect(await asked('http://127.0.0.1:30021/twilio/voice')).toBe(wanted)
})

test('the caller waits ten seconds over all, and is told then', async () => {
  const started = Math.floor(Date.now() / 1000)
  const failed = `${GATEWAY}/twilio/resume`
  const first = askedIn((await fallBack(told(failed))).body)
  expect(first?.until).toBeGreaterThanOrEqual(started + 10)
  expect(first?.until).toBeLessThanOrEqual(started + 12)
  const again = `${first?.url}?until=${first?.until}`
  expect(askedIn((await fallBack(told(again))).body)).toEqual(first)
  // Whatever it was that went wrong.
  for (const [path, code] of [['resume'], ['fallback', '12100']]) {
    const { body } = await fallBack(told(`${GATEWAY}/twilio/${path}?until=${started - 1}`, code))
    expect(body).toContain(`<Say>${FAREWELL}</Say><Hangup/>`)
  }
})

test('where Twilio does not name the address that failed, the call ends at once', async () => {
  for (const url of [undefined, 'no address']) {
    const { body } = await fallBack(told(url))
    expect(body).toContain(`<Say>${FAREWELL}</Say><Hangup/>`)
  }
})

test('nobody but the account’s own Twilio is answered', async () => {
  const params = told(`${GATEWAY}/twilio/voice`)
  const { authToken } = api.ctx.vendors.twilio.credentials()
  const stranger = { ...params, AccountSid: `AC${'9'.repeat(32)}` }
  const answers = [
    await fallBack(params, 'forged'),
    await fallBack(params, ''),
    await fallBack(params, sign(authToken, `${GATEWAY}/twilio/fallback`, params)),
    await fallBack({ ...params, ErrorUrl: 'x' }, sign(authToken, FALLBACK, params)),
    await fallBack(stranger),
    await fallBack({}),
  ]
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 400))
  expect(answers.some(({ body }) => body.includes('<Response>'))).toBe(false)
})
