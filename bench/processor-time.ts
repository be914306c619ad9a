import { readFileSync } from 'node:fs'
import type { TestDatabase } from '#db/testing.ts'

const MS_A_TICK = 10 // Linux counts hundredths of a second

/**
 * Milliseconds of processor that this process and the database's have used up. Unlike the time on the wall it
 * hardly changes when others keep the machine busy. Undefined where the system does not tell.
 */
export async function processorMs(t: TestDatabase): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined
  const backends = await t.query<{ pid: number }>('admin', 'select pid from pg_stat_activity')
  const used = backends.map(({ pid }) => timesOf(pid)).filter((times) => times !== undefined)
  const server = used[0] && timesOf(used[0].parent)
  const { user, system } = process.cpuUsage()
  const own = (user + system) / 1_000
  // Helpers of a parallel plan are gone by now: their parent keeps what they used.
  return own + used.reduce((sum, { ms }) => sum + ms, 0) + (server?.msOfChildren ?? 0)
}

function timesOf(pid: number) {
  const stat = readStat(pid)
  if (stat === undefined) return undefined
  // After the name, which may hold anything: state, parent, …; see proc(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = (index: number) => Number(fields[index]) * MS_A_TICK
  return {
    parent: Number(fields[1]),
    ms: ticks(11) + ticks(12),
    msOfChildren: ticks(13) + ticks(14),
  }
}

/** One that ended between the question and the look has nothing to tell. */
function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
