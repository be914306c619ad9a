import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from './client.ts'
import { localPostgres, startEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'
import { prepareDatabase } from './roles.ts'

let dir: string
const stops: (() => Promise<void>)[] = []
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(tmpdir(), 'voxcalls-embedded-'))
  fs.chmodSync(dir, 0o711) // the server's account must be able to enter
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  fs.rmSync(dir, { recursive: true, force: true })
})

const start = async (options: Parameters<typeof startEmbedded>[1] = {}) => {
  const server = await startEmbedded(dir, options)
  stops.push(server.stop)
  return server
}
async function ask<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = await connected(url)
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}
/** Connected; a server that was killed a moment ago may still take a connection and drop it. */
async function connected(url: string, tries = 5): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    return client
  } catch (error) {
    if (tries === 1 || !/ECONNRESET/.test(String(error))) throw error
    return connected(url, tries - 1)
  }
}
const pidFile = () => path.join(dir, 'cluster', 'data', 'postmaster.pid')

test('three that start at once end up with one server', async () => {
  const servers = await Promise.all([start(), start(), start()])
  expect(new Set(servers.map((server) => server.pid)).size).toBe(1)
  expect(servers.filter((server) => !server.joined)).toHaveLength(1)
  expect(fs.readdirSync(dir)).toEqual(['cluster'])
})

test('a killed server starts again under the same address with what was committed', async () => {
  const before = await start()
  await ask(before.urls.owner, 'create table kept (n int); insert into kept values (7)')
  process.kill(before.pid, 'SIGKILL')
  const after = await start()
  expect(after.pid).not.toBe(before.pid)
  expect(after.urls).toEqual(before.urls)
  expect(await ask(after.urls.owner, 'select n from kept')).toEqual([{ n: 7 }])
})

test('what is committed is on disk, for every role', async () => {
  const { urls } = await start()
  for (const url of Object.values(urls)) {
    const [settings] = await ask(
      url,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`,
    )
    expect(settings).toEqual({ fsync: 'on', commit: 'on' })
  }
})

test('the pid of a dead server that nobody reaped does not keep it from starting', async () => {
  const first = await start()
  await first.stop()
  // The shell starts a child and becomes, before that ends, a program that never waits for it.
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'])
  try {
    const zombie = await new Promise<string>((resolve) =>
      parent.stdout.once('data', (text: Buffer) => resolve(text.toString().trim())),
    )
    const stat = () => fs.readFileSync(`/proc/${zombie}/stat`, 'utf8')
    await expect.poll(stat, { timeout: 5_000 }).toContain(') Z ')
    const rest = `${dir}/cluster/data\n0\n${first.port}\n\n127.0.0.1\n0\nready\n`
    fs.writeFileSync(pidFile(), `${zombie}\n${rest}`)
    expect((await start()).joined).toBe(false)
  } finally {
    parent.kill('SIGKILL')
  }
})

test('a pid file that a crash left empty does not keep it from starting', async () => {
  await (await start()).stop()
  fs.writeFileSync(pidFile(), '')
  const old = new Date(Date.now() - 60_000)
  fs.utimesSync(pidFile(), old, old)
  expect((await start()).joined).toBe(false)
})

test('a port that somebody else took meanwhile is replaced', async () => {
  const first = await start()
  await first.stop()
  const other = await startEmbedded(path.join(dir, 'other'), { port: first.port })
  stops.push(other.stop)
  expect((await start()).port).not.toBe(first.port)
})

test('a port that was asked for and is taken is an error that says so', async () => {
  const first = await start()
  const second = startEmbedded(path.join(dir, 'other'), { port: first.port })
  await expect(second).rejects.toThrow('could not bind')
})

test('a provider’s admin that is no superuser can prepare everything, twice', async () => {
  const server = await localPostgres({ dir, throwaway: true })
  stops.push(server.stop)
  await ask(server.adminUrl, `create role provider login password 'p' createrole createdb`)
  const provider = server.adminUrl.replace(/\/\/postgres:[^@]+@/, '//provider:p@')
  const passwords = { owner: 'o', app: "a'b%c/ d", platform: 'p' }
  await prepareDatabase(provider, 'theirs', passwords)
  const urls = await prepareDatabase(provider, 'theirs', { ...passwords, owner: 'changed' })
  await migrate(urls.owner)
  const database = await openDatabase({
    url: urls.app,
    platformUrl: urls.platform,
    applicationName: 'test',
    log: { warn: () => undefined, error: () => undefined },
  })
  stops.unshift(() => database.close())
  await database.ping()
})

test('a login that may bypass row-level security is refused', async () => {
  const server = await start({ throwaway: true })
  const log = { warn: () => undefined, error: () => undefined }
  const url = server.adminUrl
  const opening = openDatabase({
    url,
    platformUrl: server.urls.platform,
    applicationName: 'x',
    log,
  })
  await expect(opening).rejects.toThrow('ignores row-level security')
})
