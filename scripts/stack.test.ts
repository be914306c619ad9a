import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { getMe } from '#contracts/access'
import { listAgents } from '#contracts/agents'
import { listPhoneNumbers } from '#contracts/phone-numbers'
import { getWallet } from '#contracts/wallet'
import { type ApiClient, createApiClient } from './api-client.ts'
import { diagnose } from './diagnose.ts'
import { ensureSeed, type Seed } from './ensure-seed.ts'
import { readRunning } from './running.ts'
import { createSandboxClient } from './sandbox-client.ts'
import { type Stack, startStack } from './stack.ts'

// One stack for the file: starting it costs seconds, and the tests need all of it.
const BOOT_MS = 90_000 // two cores may be busy with other tests
const BACK_MS = 20_000
const SETTINGS = { TAPE_SPOOL_MB: '96' }

let dataDir: string
let stack: Stack
let seed: Seed
let api: ApiClient

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'voxcalls-stack-'))
  stack = await startStack({ dataDir, ports: 'free', web: false, environment: SETTINGS })
  seed = await ensureSeed(stack.environment, { organizations: 2 })
  const sandbox = createSandboxClient(stack.urls.sandbox)
  const admin = seed.organizations[0]!.people.find(({ role }) => role === 'admin')!
  const origin = new URL(stack.urls.web).origin
  api = createApiClient(stack.urls.api, () => sandbox.token(admin.clerkUserId, origin))
}, BOOT_MS)
afterAll(async () => {
  await stack?.stop()
  rmSync(dataDir, { recursive: true, force: true })
}, BOOT_MS)

const isReady = async (url: string) => (await fetch(`${url}/readyz`)).status === 200

test('every process stands in the table with a pid and its ports', () => {
  const rows = stack.processes()
  expect(rows.map(({ role }) => role)).toEqual(
    expect.arrayContaining(['launcher', 'postgres', 'sandbox', 'api', 'worker', 'voice']),
  )
  expect(rows.every(({ pid, state }) => pid !== null && state === 'ready')).toBe(true)
  expect(JSON.parse(readFileSync(join(dataDir, 'processes.json'), 'utf8'))).toEqual(rows)
})

test('the seed gives an organization people, money, an agent at ElevenLabs and a number', async () => {
  const [organization] = seed.organizations
  expect(await api(getMe, {})).toMatchObject({
    email: 'admin@northwind.test',
    membership: { organizationName: 'Northwind Dental', role: 'admin' },
  })
  expect(await api(getWallet, {})).toMatchObject({ balanceCents: 50_000, heldCents: 0 })
  const agents = await api(listAgents, { query: {} })
  expect(agents.items).toMatchObject([{ name: 'Dana, reception', syncState: 'in_sync' }])
  const numbers = await api(listPhoneNumbers, { query: {} })
  expect(numbers.items).toMatchObject([
    { e164: organization?.number, agentName: 'Dana, reception', route: 'gateway' },
  ])
})

test('a gateway keeps its tape within the room that it was given', async () => {
  const metrics = await (await fetch(`${stack.urls.gateways[0]}/metrics`)).text()
  expect(metrics).toMatch(/^voxcalls_tape_spool_limit_bytes\{.*\} 100663296$/m)
})

test('seeding again changes nothing', async () => {
  expect(await ensureSeed(stack.environment, { organizations: 2 })).toEqual(seed)
  expect(await api(getWallet, {})).toMatchObject({ balanceCents: 50_000 })
})

test('another command finds the running stack', () => {
  expect(readRunning(dataDir)).toEqual(stack.environment)
  expect(readRunning(join(dataDir, 'elsewhere'))).toBeUndefined()
})

test('the doctor finds all vendors sandboxed and names what is missing', async () => {
  const { features } = await diagnose(stack.environment)
  expect(Object.fromEntries(features.map(({ name, state }) => [name, state]))).toEqual({
    // This stack has no console.
    'Sign-in': 'fails',
    'Inbound agent calls': 'sandboxed',
    'Transcripts and recordings': 'works',
    'Wallet and ledger': 'works',
    'E-mail': 'sandboxed',
    'Knowledge base': 'sandboxed',
    'Top-ups by card': 'sandboxed',
  })
  expect(features[0]?.failing).toMatchObject({ name: 'console', state: 'fails' })
})

test('the doctor names the hop that fails and why', async () => {
  const hopOf = async (environment: Record<string, string>, name: string) => {
    const { hops } = await diagnose({ ...stack.environment, ...environment })
    return hops.find((hop) => hop.name === name)
  }
  expect(await hopOf({ ELEVENLABS_API_KEY: 'a-wrong-key' }, 'elevenlabs')).toMatchObject({
    state: 'fails',
    problem: 'elevenlabs list-conversations failed with 401',
  })
  expect(await hopOf({ PUBLIC_API_URL: 'http://127.0.0.1:1' }, 'api')).toMatchObject({
    state: 'fails',
    problem: 'http://127.0.0.1:1/readyz does not answer.',
  })
  const [configuration] = (await diagnose({ VOXCALLS_ENV: 'production' })).hops
  expect(configuration).toMatchObject({ name: 'configuration', state: 'fails' })
  expect(configuration?.problem).toContain('DATABASE_URL is missing')
})

test(
  'a killed Postgres is back on its port, and the API with it',
  async () => {
    const before = stack.processes().find(({ name }) => name === 'postgres')
    const back = stack.served('postgres')
    stack.kill('postgres', 'SIGKILL')
    await back
    const after = stack.processes().find(({ name }) => name === 'postgres')
    expect(after?.pid).not.toBe(before?.pid)
    expect(after?.ports).toEqual(before?.ports)
    await expect.poll(() => isReady(stack.urls.api), { timeout: BACK_MS }).toBe(true)
    expect(await api(getMe, {})).toMatchObject({ email: 'admin@northwind.test' })
  },
  BOOT_MS,
)

test(
  'a killed gateway is started again and serves',
  async () => {
    const back = stack.served('voice-1')
    stack.kill('voice-1', 'SIGKILL')
    await back
    expect(await isReady(stack.urls.gateways[0] ?? '')).toBe(true)
  },
  BOOT_MS,
)

test('a second stack on the same ports is refused with the variables that move them', async () => {
  const { ports } = stack.processes().find(({ name }) => name === 'api')!
  const environment = { API_PORT: String(ports[0]) }
  const other = mkdtempSync(join(tmpdir(), 'voxcalls-stack-'))
  const second = startStack({ dataDir: other, web: false, environment })
  await expect(second).rejects.toThrow(`Port ${ports[0]} (api) is taken; set API_PORT to move it.`)
  rmSync(other, { recursive: true, force: true })
})

test(
  'stopping leaves no process and no port behind',
  async () => {
    const pids = stack
      .processes()
      .filter(({ role }) => role !== 'launcher')
      .map(({ pid }) => pid)
    await stack.stop()
    // A process that has just ended keeps its pid until its parent has taken notice.
    for (const pid of pids)
      await vi.waitFor(() => expect(() => process.kill(pid ?? 0, 0)).toThrow(/ESRCH/))
    await expect(fetch(`${stack.urls.api}/livez`)).rejects.toThrow()
    expect(readRunning(dataDir)).toBeUndefined()
  },
  BOOT_MS,
)
