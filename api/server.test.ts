import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { startCollector } from '#api/core/collector-testing.ts'
import { type TestDatabase, testDatabase } from '#db/testing.ts'
import { testEnvironment } from './testing.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

const line = z.looseObject({ msg: z.string(), address: z.string().optional() })

/** The API as a process of its own, as the launcher starts it. */
async function start(over: Record<string, string> = {}) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'server.ts')], {
    env: {
      ...testEnvironment({
        DATABASE_URL: database.urls.app,
        DATABASE_PLATFORM_URL: database.urls.platform,
        API_PORT: '0',
      }),
      ...over,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString()
  })
  const exited = once(child, 'exit').then(([code]) => Number(code))
  const told = new Promise<string | undefined>((resolve) => {
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (text) => {
      const { msg, address } = line.parse(JSON.parse(text))
      if (msg === 'the API is up') resolve(address)
    })
    lines.on('close', () => resolve(undefined))
  })
  return { child, exited, address: await told, complaints: () => complaints }
}

const stop = async ({ child, exited }: { child: ChildProcess; exited: Promise<number> }) => {
  child.kill('SIGTERM')
  return exited
}

test('it serves until it is told to stop, then says not ready, finishes and exits with 0', async () => {
  const api = await start()
  expect(api.address, api.complaints()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect((await fetch(`${api.address}/readyz`)).status).toBe(200)
  expect((await fetch(`${api.address}/v1/me`)).status).toBe(401)
  expect((await fetch(`${api.address}/openapi.json`)).headers.get('content-type')).toContain(
    'application/json',
  )
  expect(await stop(api)).toBe(0)
})

test('what it traced in its last moment is sent before it ends', async () => {
  const collector = await startCollector()
  const api = await start({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '600000',
  })
  expect((await fetch(`${api.address}/v1/me`)).status, api.complaints()).toBe(401)
  expect(collector.spans()).toEqual([])
  expect(await stop(api)).toBe(0)
  expect(collector.spans()).toMatchObject([{ name: 'GET /v1/me', service: 'voxcalls-api' }])
  await collector.close()
})

test('an unusable environment ends it at once, with every failure on a line', async () => {
  const api = await start({ PUBLIC_WEB_URL: '', CLERK_JWT_KEY: 'none' })
  expect(await api.exited).toBe(1)
  expect(api.complaints()).toContain('PUBLIC_WEB_URL is missing')
  expect(api.complaints()).toContain('CLERK_JWT_KEY must be the RSA public key')
})

test('a login that row-level security does not bind is refused', async () => {
  const api = await start({ DATABASE_URL: database.urls.owner })
  expect(await api.exited).toBe(1)
  expect(api.complaints()).toContain('owns tables')
})
