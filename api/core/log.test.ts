import { expect, test } from 'vitest'
import { VendorError } from './errors.ts'
import { createLogger, type Logger, maskNumber } from './log.ts'

const NUMBER = '+15551234567'

function aLog(): { log: Logger; lines: () => Record<string, unknown>[]; text: () => string } {
  const written: string[] = []
  const log = createLogger({
    name: 'test',
    destination: { write: (line: string) => void written.push(line) },
  })
  return {
    log,
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => written.join(''),
  }
}

test('a masked number keeps its last four digits and its length', () => {
  expect(maskNumber(NUMBER)).toBe('+*******4567')
})

test('what stands under pii is hidden at any depth, and numbers keep their end', () => {
  const { log, lines } = aLog()
  log.info({ pii: { to: NUMBER, said: { text: 'my card is lost' }, name: 'Ada' } }, 'turn stored')
  expect(lines()[0]?.pii).toEqual({
    to: '+*******4567',
    said: { text: '[redacted]' },
    name: '[redacted]',
  })
})

test('a number is masked wherever it slips in: fields, message, error, child', () => {
  const { log, text } = aLog()
  const child = log.child({ from: NUMBER })
  child.warn(
    { note: `asked by ${NUMBER}`, err: new Error(`no route to ${NUMBER}`) },
    `to ${NUMBER}`,
  )
  expect(text()).not.toContain(NUMBER)
  expect(text()).toContain('4567')
})

test('secrets by name and by shape never reach a line', () => {
  const { log, text } = aLog()
  const jwt = `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(30)}.${'b'.repeat(30)}`
  log.child({ accessToken: 'child-value' }).info(
    {
      headers: { authorization: 'Bearer abc.def', cookie: '__session=xyz' },
      streamToken: 'stream-value',
      webhookSecret: 'whsec_value',
      url: '/live?ticket=ticket-value&after=3',
      note: `sent ${jwt}`,
    },
    'request',
  )
  for (const secret of [
    'child-value',
    'abc.def',
    'xyz',
    'stream-value',
    'whsec_value',
    'ticket-value',
    jwt,
  ])
    expect(text()).not.toContain(secret)
  expect(text()).toContain('after=3')
})

test('counts and times whose names speak of tokens stay readable', () => {
  const { log, lines } = aLog()
  log.info({ tokenCount: 41, streamTokenExpiresAt: 'soon' }, 'x')
  expect(lines()[0]).toMatchObject({ tokenCount: 41, streamTokenExpiresAt: 'soon' })
})

test('an error is told with its causes and without the values a driver attaches', () => {
  const { log, lines, text } = aLog()
  const driver = Object.assign(new Error('duplicate key\nparams: ada@example.com,7'), {
    code: '23505',
    detail: 'Key (email)=(ada@example.com) already exists.',
  })
  log.error(
    {
      err: new VendorError('clerk', 'fetch-user', { status: 503, retryable: true, cause: driver }),
    },
    'x',
  )
  expect(lines()[0]?.err).toMatchObject({
    type: 'VendorError',
    vendor: 'clerk',
    status: 503,
    cause: { code: '23505' },
  })
  expect(text()).not.toContain('ada@example.com')
})

test('a field that contains itself ends', () => {
  const { log, lines } = aLog()
  const loop: Record<string, unknown> = { name: 'loop' }
  loop.self = loop
  log.info({ loop }, 'x')
  expect(lines()).toHaveLength(1)
})
