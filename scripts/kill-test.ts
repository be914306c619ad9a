import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { interruption } from './foreground.ts'
import { environment, killTest } from './kill-test/run.ts'
import { startStack } from './stack.ts'

/**
 * `node scripts/kill-test.ts [--minutes 2] [--calls 20] [--seed 1]`: the whole product under live calls while
 * gateways, worker, API and Postgres are killed with SIGKILL at random. Exit 1 when a promise is broken.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    calls: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
})
const say = (line: string) => console.log(line)
const signal = interruption(say)
const dataDir = mkdtempSync(join(tmpdir(), 'voxcalls-kill-'))
const stack = await startStack({ dataDir, ports: 'free', web: false, signal, environment })
try {
  const verdict = await killTest(stack, {
    calls: Number(values.calls),
    seconds: Number(values.minutes) * 60,
    seed: Number(values.seed),
    say,
  })
  const byName = Map.groupBy(verdict.kills, ({ name }) => name)
  say(`killed: ${[...byName].map(([name, kills]) => `${name} ${kills.length} times`).join(', ')}`)
  say(
    `${verdict.calls} calls, ${verdict.whole} of which said all they wanted, ${verdict.resumed} streams taken over, ${verdict.recorded} recordings`,
  )
  say(
    `${verdict.turnsShown} turns were shown; speech was torn ${verdict.gaps} times; all calls settled ${verdict.settledAfterSeconds.toFixed(1)} s after the last`,
  )
  if (verdict.tooShortToRecord > 0)
    say(`${verdict.tooShortToRecord} calls lost their gateway before the tape's first interval`)
  for (const [why, times] of Object.entries(verdict.cutShort)) say(`${times} times: ${why}`)
  for (const problem of verdict.problems) say(`BROKEN  ${problem}`)
  say(verdict.problems.length === 0 ? 'every promise was kept' : 'promises were broken')
  process.exitCode = verdict.problems.length === 0 ? 0 : 1
} finally {
  await stack.stop()
  if (values.keep) say(`its data is kept in ${dataDir}`)
  else rmSync(dataDir, { recursive: true, force: true })
}
