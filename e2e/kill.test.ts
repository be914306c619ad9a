import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { killTest } from '../scripts/kill-test/run.ts'
import { type Stack, startStack } from '../scripts/stack.ts'

const BOOT_MS = 90_000 // two cores may be busy with other tests
const RUN_MS = 240_000 // the last calls, a minute to settle and as much to record come after the kills

let dataDir: string
let stack: Stack
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'voxcalls-kill-'))
  stack = await startStack({ dataDir, ports: 'free', web: false })
}, BOOT_MS)
afterAll(async () => {
  await stack?.stop()
  rmSync(dataDir, { recursive: true, force: true })
}, BOOT_MS)

test(
  'gateways, worker, API and Postgres die at random under live calls, and no promise is broken',
  async () => {
    const said: string[] = []
    const verdict = await killTest(stack, {
      calls: 6,
      seconds: 25,
      seed: 7,
      say: (line) => void said.push(line),
    })
    expect(verdict.problems, said.join('\n')).toEqual([])
    expect(new Set(verdict.kills.map(({ name }) => name))).toEqual(
      new Set(['voice-1', 'voice-2', 'worker', 'api', 'postgres']),
    )
    // There was something to lose.
    expect(verdict.calls).toBeGreaterThanOrEqual(6)
    expect(verdict.turnsShown).toBeGreaterThan(20)
    expect(verdict.resumed).toBeGreaterThan(0)
  },
  RUN_MS,
)
