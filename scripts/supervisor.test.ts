import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type ProcessRow, Supervisor } from './supervisor.ts'
import { answers, nodeUnit, type Unit } from './unit.ts'

const SERVER = fileURLToPath(new URL('./fixtures/server.mjs', import.meta.url))
const LAUNCHER = fileURLToPath(new URL('./fixtures/launcher.ts', import.meta.url))

let folder: string
let tableFile: string
let lines: string[]
let supervisor: Supervisor

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'voxcalls-supervisor-'))
  tableFile = join(folder, 'processes.json')
  lines = []
  supervisor = new Supervisor({ tableFile, say: (line) => lines.push(line) })
})
afterEach(async () => {
  await supervisor.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function aServer(
  name: string,
  options: string[] = [],
  more: { tier?: number; stopWithinMs?: number; readyWithinMs?: number } = {},
): Promise<Unit & { url: string; logFile: string }> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const logFile = join(folder, `${name}.log`)
  const unit = nodeUnit({
    role: 'server',
    name,
    tier: 1,
    args: [SERVER, String(port), ...options],
    env: process.env,
    cwd: folder,
    ports: [port],
    ready: () => answers(url),
    logFile,
    ...more,
  })
  return { ...unit, url, logFile }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (!address || typeof address === 'string') throw new Error('no port')
  return address.port
}

const table = (): ProcessRow[] => JSON.parse(readFileSync(tableFile, 'utf8'))
const rowOf = (name: string) => table().find((row) => row.name === name)
const pidServing = async (url: string) => Number(await (await fetch(url)).text())

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // A killed process whose parent is gone stays a zombie until pid 1 takes it away.
  const status = `/proc/${pid}/stat`
  return !existsSync(status) || !/\) Z /.test(readFileSync(status, 'utf8'))
}
const isGone = (pid: number) => vi.waitFor(() => expect(isAlive(pid)).toBe(false), 8_000)

test('a started process serves and stands in the table with its pid and ports', async () => {
  const unit = await aServer('one')
  await supervisor.start(unit)
  const pid = await pidServing(unit.url)
  expect(rowOf('one')).toMatchObject({ role: 'server', pid, ports: unit.ports, state: 'ready' })
  expect(rowOf('launcher')).toMatchObject({ pid: process.pid })
})

test('a killed process is started again, and the table tells', async () => {
  const unit = await aServer('one')
  await supervisor.start(unit)
  const before = await pidServing(unit.url)
  const again = supervisor.served('one')
  supervisor.signal('one', 'SIGKILL')
  await again
  const after = await pidServing(unit.url)
  expect(after).not.toBe(before)
  expect(rowOf('one')).toMatchObject({ pid: after, restarts: 1, state: 'ready' })
  expect(lines).toEqual(['one ended with SIGKILL; starting it again in 100 ms.'])
})

test('a process that keeps ending is started again after longer and longer waits', async () => {
  const unit = await aServer('one')
  await supervisor.start(unit)
  for (const waitMs of [100, 200, 400]) {
    const again = supervisor.served('one')
    await expect(fetch(`${unit.url}crash`)).rejects.toThrow()
    await again
    expect(lines.at(-1)).toBe(`one ended with exit code 1; starting it again in ${waitMs} ms.`)
  }
})

test('a process that ends before it ever served is not tried again and says why', async () => {
  const failing = await aServer('one', ['fail'])
  await expect(supervisor.start(failing)).rejects.toThrow(
    /one ended with exit code 3\.\n {4}DATABASE_URL is missing/,
  )
  expect(rowOf('one')).toMatchObject({ pid: null, restarts: 0, state: 'stopped' })
})

test('a process that never serves is killed when its time is up', async () => {
  const silent = await aServer('one', ['silent'], { readyWithinMs: 300 })
  await expect(supervisor.start(silent)).rejects.toThrow(/was not ready within 0.3 s/)
  expect(rowOf('one')).toMatchObject({ pid: null, state: 'stopped' })
})

test('stopping ends the last tier first and takes the table away', async () => {
  const note = `note=${join(folder, 'order')}`
  const [low, high] = [await aServer('low', [note]), await aServer('high', [note], { tier: 2 })]
  await supervisor.start(low)
  await supervisor.start(high)
  await supervisor.stop()
  expect(readFileSync(join(folder, 'order'), 'utf8')).toBe(`${high.ports[0]}\n${low.ports[0]}\n`)
  expect(existsSync(tableFile)).toBe(false)
  await expect(fetch(low.url)).rejects.toThrow()
})

test('a process that ignores the request to stop is killed with everything it started', async () => {
  const unit = await aServer('one', ['stubborn', 'grandchild'], { stopWithinMs: 200 })
  await supervisor.start(unit)
  const pid = await pidServing(unit.url)
  const grandchild = Number(/grandchild (\d+)/.exec(readFileSync(unit.logFile, 'utf8'))?.[1])
  expect(isAlive(grandchild)).toBe(true)
  await supervisor.stop()
  expect(lines).toEqual(['one did not stop within 0.2 s and was killed.'])
  await isGone(pid)
  await isGone(grandchild)
})

test('what a killed process had started is gone before it is started again', async () => {
  const unit = await aServer('one', ['grandchild'])
  await supervisor.start(unit)
  const orphan = Number(/grandchild (\d+)/.exec(readFileSync(unit.logFile, 'utf8'))?.[1])
  const again = supervisor.served('one')
  supervisor.signal('one', 'SIGKILL')
  await again
  await isGone(orphan)
})

test('the processes of a launcher that was killed outright end by themselves', async () => {
  const port = await freePort()
  const launcher = spawn(process.execPath, [LAUNCHER, folder, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [told] = await once(launcher.stdout, 'data')
  const rows: ProcessRow[] = JSON.parse(String(told))
  const pid = rows.find((row) => row.name === 'server')?.pid ?? 0
  expect(isAlive(pid)).toBe(true)
  launcher.kill('SIGKILL')
  await isGone(pid)
})
