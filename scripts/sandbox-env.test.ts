import { createPublicKey } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError, loadConfig } from '#api/core/config.ts'
import { usualPorts } from './ports.ts'
import { sandboxEnvironment } from './sandbox-env.ts'

let dataDir: string
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'voxcalls-sandbox-env-'))
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const environmentFor = (given: NodeJS.ProcessEnv) =>
  sandboxEnvironment(given, { ports: usualPorts, host: '127.0.0.1', dataDir })

const rest = {
  DATABASE_URL: 'postgres://app@db.internal/voxcalls',
  DATABASE_PLATFORM_URL: 'postgres://platform@db.internal/voxcalls',
  PUBLIC_API_URL: 'https://api.voice.test',
  PUBLIC_VOICE_URL: 'https://voice.voice.test',
  PUBLIC_WEB_URL: 'https://voice.test',
  MAIL_FROM: 'no-reply@voice.test',
}

test('the product starts with nothing but the sandbox’s settings', () => {
  const config = loadConfig({ ...rest, ...environmentFor({}) })
  expect(config.twilio.baseUrl).toBe('http://127.0.0.1:4010')
  expect(config.elevenLabs.baseUrl).toBe('http://127.0.0.1:4020')
  expect(config.clerk.apiUrl).toBe('http://127.0.0.1:4050')
  expect(config.openAi.baseUrl).toBe('http://127.0.0.1:4030/v1')
  expect(config.stripe.apiBase).toBe('http://127.0.0.1:4040')
  expect(config.mail.smtpUrl).toBe('smtp://sandbox:sandbox@127.0.0.1:4060')
  expect(config.sandboxUrl).toBe('http://127.0.0.1:4000')
})

test('a vendor with a key of its own is not replaced, and only that one', () => {
  const environment = environmentFor({ TWILIO_ACCOUNT_SID: `AC${'1a'.repeat(16)}` })
  expect(Object.keys(environment).filter((name) => name.startsWith('TWILIO_'))).toEqual([])
  expect(environment.ELEVENLABS_BASE_URL).toBe('http://127.0.0.1:4020')
})

test('the key that verifies sessions is the same at every start', () => {
  const [first, second] = [environmentFor({}), environmentFor({})]
  expect(first.CLERK_JWT_KEY).toBe(second.CLERK_JWT_KEY)
  expect(createPublicKey(first.CLERK_JWT_KEY ?? '').asymmetricKeyType).toBe('rsa')
})

test('production refuses every single value of the sandbox', () => {
  const environment = environmentFor({})
  const harmless = ['CLERK_JWT_KEY', 'CLERK_PROXY_URL', 'SUPER_ADMIN_EMAILS']
  const refused = (() => {
    try {
      loadConfig({ ...rest, ...environment, VOXCALLS_ENV: 'production' })
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.map((line) => line.split(' ')[0])
      throw error
    }
    return []
  })()
  const sandboxed = Object.keys(environment).filter((name) => !harmless.includes(name))
  expect(refused).toEqual(expect.arrayContaining(sandboxed))
})
