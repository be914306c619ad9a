import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, test } from 'vitest'
import { attempt, guard } from './guard.ts'
import { createLogger } from './log.ts'

function aLog() {
  const lines: string[] = []
  const log = createLogger({
    name: 'test',
    destination: { write: (line) => void lines.push(line) },
  })
  return { log, lines }
}

test('a throw and a rejection end in the guard, are logged once and fail their unit', async () => {
  const { log, lines } = aLog()
  const failed: unknown[] = []
  const onFailure = (error: unknown) => failed.push(error)
  guard(
    log,
    'socket.message',
    () => {
      throw new Error('thrown')
    },
    onFailure,
  )()
  guard(
    log,
    'timer',
    async () => {
      throw new Error('rejected')
    },
    onFailure,
  )()
  await new Promise(setImmediate)
  expect(failed.map(String)).toEqual(['Error: thrown', 'Error: rejected'])
  expect(lines).toHaveLength(2)
})

test('a failure of the failure handler stays inside too', async () => {
  const { log, lines } = aLog()
  guard(
    log,
    'unit',
    () => {
      throw new Error('first')
    },
    async () => {
      throw new Error('second')
    },
  )()
  await new Promise(setImmediate)
  expect(lines.join()).toContain('ending a failed unit failed')
})

test('an attempt says whether it succeeded', async () => {
  const { log } = aLog()
  expect(await attempt(log, 'good', () => 1)).toBe(true)
  expect(await attempt(log, 'bad', () => Promise.reject(new Error('no')))).toBe(false)
})

test('what nobody guarded drains once and ends the process non-zero', async () => {
  const script = path.join(import.meta.dirname, 'fixtures/unguarded.ts')
  const child = fork(script, { stdio: 'pipe', execArgv: [] })
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [code] = await once(child, 'close')
  expect(code).toBe(1)
  expect(output.match(/drained/g)).toHaveLength(1)
})
