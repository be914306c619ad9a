import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import type { GatewayMode, GatewayReport, LoadOrder, LoadReport } from './voice-types.ts'
import type { Bench, Row } from './wallet.ts'

const isFull = process.argv.includes('--full')
const CPU_CALLS = 120 // of each gateway; three of them share one core
const CPU_MS = isFull ? 30_000 : 12_000
const DELAY_CALLS = isFull ? 900 : 450
const DELAY_MS = isFull ? 20_000 : 8_000
const WARM_MS = 3_000 // until the compiler has seen every path often enough
const CPU_WARM_MS = 10_000 // the optimizing compiler takes a hot loop that long to settle; a gateway runs for weeks
const STEPS = [600, 800, 1_000, 1_200] // calls on one core, up to the first that is too slow
const SLOWEST_MS = 20
const CHURN_ROUNDS = 8 // of 250 calls each: two thousand calls come and go
const CHURN_CALLS = 250
const ANSWER_MS = 60_000 // a child that says nothing for so long is stuck

/** The media path against a bare relay between the same sockets, in processes of their own. */
export const benches: Bench[] = [{ name: 'voice', run: runVoice }]

async function runVoice(): Promise<Row[]> {
  return [
    ...(await cpuPerMessage()),
    ...(await delays()),
    ...(isFull ? [...(await callsOnOneCore()), ...(await memoryAfterChurn())] : []),
  ]
}

/** All gateways at the same moment on one core, so that whatever else the machine does slows them alike. */
async function cpuPerMessage(): Promise<Row[]> {
  const modes: GatewayMode[] = ['relay', 'bridge', 'bridge-untaped', 'bridge-ws']
  return withLoad(modes, async (load, gateways) => {
    await load.connect(gateways, CPU_CALLS)
    await load.run(CPU_WARM_MS)
    const before = await Promise.all(gateways.map((gateway) => gateway.report()))
    const traffic = await load.run(CPU_MS)
    const after = await Promise.all(gateways.map((gateway) => gateway.report()))
    const [relay, bridge, untaped, library] = gateways.map(
      (_, index) => (after[index]!.cpuUs - before[index]!.cpuUs) / traffic[index]!.mediaMessages,
    ) as [number, number, number, number]
    const row = (name: string, value: number, goal: number): Row => ({
      name: `CPU per media message, ${name}`,
      value,
      unit: 'µs',
      baseline: relay,
      ratio: value / relay,
      goal: `≤ ${goal} ×`,
      met: value / relay <= goal,
    })
    return [
      row('own codec, tape, marks, meter', bridge, 1),
      row('own codec, marks, meter', untaped, 0.88),
      row('ws library, tape, marks, meter', library, 1.25),
    ]
  })
}

async function delays(): Promise<Row[]> {
  const relay = await alone('relay', DELAY_CALLS)
  const bridge = await alone('bridge', DELAY_CALLS)
  const ratio = bridge.load.delayP99 / relay.load.delayP99
  const faults = bridge.load.lost + bridge.load.reordered + bridge.load.corrupted
  return [
    {
      name: `added delay p99 at ${DELAY_CALLS} calls on one core`,
      value: bridge.load.delayP99,
      unit: 'ms',
      baseline: relay.load.delayP99,
      ratio,
      goal: '≤ 0.5 × and ≤ 5 ms',
      met: ratio <= 0.5 && bridge.load.delayP99 <= 5,
    },
    {
      name: 'frames lost, reordered or corrupted',
      value: faults,
      unit: '',
      baseline: relay.load.lost + relay.load.reordered + relay.load.corrupted,
      ratio: faults,
      goal: '0',
      met: faults === 0,
    },
    {
      name: `memory per call at ${DELAY_CALLS} calls`,
      value: bridge.kbPerCall,
      unit: 'KB',
      baseline: relay.kbPerCall,
      ratio: bridge.kbPerCall / relay.kbPerCall,
      goal: '≤ 1 ×',
      met: bridge.kbPerCall <= relay.kbPerCall,
    },
  ]
}

async function callsOnOneCore(): Promise<Row[]> {
  const most = async (mode: GatewayMode): Promise<number> => {
    let reached = 0
    for (const calls of STEPS) {
      const { load } = await alone(mode, calls)
      if (load.delayP99 > SLOWEST_MS || load.lost > 0) break
      reached = calls
    }
    return reached
  }
  const baseline = await most('relay')
  const value = await most('bridge')
  return [
    {
      name: `calls on one core with p99 ≤ ${SLOWEST_MS} ms`,
      value,
      unit: 'calls',
      baseline,
      ratio: value / Math.max(1, baseline),
      goal: '≥ 1000',
      met: value >= 1_000,
    },
  ]
}

async function memoryAfterChurn(): Promise<Row[]> {
  return withLoad(['bridge'], async (load, [gateway]) => {
    const rss: number[] = []
    for (let round = 0; round < CHURN_ROUNDS; round++) {
      await load.connect([gateway!], CHURN_CALLS)
      await load.run(WARM_MS)
      await load.hangUp()
      rss.push((await gateway!.report()).rssBytes / 1_048_576)
    }
    const [baseline, value] = [rss[2]!, rss.at(-1)!]
    return [
      {
        name: `memory after ${CHURN_ROUNDS * CHURN_CALLS} calls`,
        value,
        unit: 'MB',
        baseline,
        ratio: value / baseline,
        goal: '≤ 1.1 ×',
        met: value / baseline <= 1.1,
      },
    ]
  })
}

async function alone(
  mode: GatewayMode,
  calls: number,
): Promise<{ load: LoadReport; kbPerCall: number }> {
  return withLoad([mode], async (load, [gateway]) => {
    // From the first third of the calls to all of them: what a process costs once is not a call's.
    const first = Math.floor(calls / 3)
    await load.connect([gateway!], first)
    await load.run(WARM_MS)
    const some = await gateway!.report()
    await load.connect([gateway!], calls - first)
    await load.run(WARM_MS)
    const [report] = await load.run(DELAY_MS)
    const all = await gateway!.report()
    const kbPerCall = (all.rssBytes - some.rssBytes) / 1_024 / (calls - first)
    return { load: report!, kbPerCall }
  })
}

class Child {
  readonly process: ChildProcess
  port = 0

  constructor(core: number, script: string, args: string[]) {
    const path = new URL(script, import.meta.url).pathname
    // Each side on its own core, where the system can pin: the load must not steal from what is measured.
    const canPin = existsSync('/usr/bin/taskset') && cpus().length > core
    const node = [process.execPath, '--expose-gc', path, ...args]
    const [command, ...rest] = canPin ? ['taskset', '-c', String(core), ...node] : node
    this.process = spawn(command!, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  }

  async answer<Answer>(): Promise<Answer> {
    const stuck = AbortSignal.timeout(ANSWER_MS)
    const [message] = await once(this.process, 'message', { signal: stuck })
    return message as Answer
  }

  async started(): Promise<this> {
    this.port = await this.answer<number>()
    return this
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return
    const exited = once(this.process, 'exit')
    this.process.disconnect()
    await exited
  }
}

class GatewayChild extends Child {
  readonly mode: GatewayMode

  constructor(mode: GatewayMode, vendorPort: number) {
    super(0, './voice-gateway.ts', [mode, String(vendorPort)])
    this.mode = mode
  }

  report(): Promise<GatewayReport> {
    const answer = this.answer<GatewayReport>()
    this.process.send('report')
    return answer
  }
}

class LoadChild extends Child {
  constructor() {
    super(1, './voice-load.ts', [])
  }

  async connect(gateways: GatewayChild[], calls: number): Promise<void> {
    const targets = gateways.map(({ port, mode }) => ({ port, mode, calls }))
    await this.#order({ order: 'connect', targets })
  }

  run(ms: number): Promise<LoadReport[]> {
    return this.#order({ order: 'run', ms })
  }

  async hangUp(): Promise<void> {
    await this.#order({ order: 'hang up' })
  }

  #order<Answer>(order: LoadOrder): Promise<Answer> {
    const answer = this.answer<Answer>()
    this.process.send(order)
    return answer
  }
}

async function withLoad<Result>(
  modes: GatewayMode[],
  use: (load: LoadChild, gateways: GatewayChild[]) => Promise<Result>,
): Promise<Result> {
  const load = new LoadChild()
  const gateways: GatewayChild[] = []
  try {
    await load.started()
    for (const mode of modes) gateways.push(await new GatewayChild(mode, load.port).started())
    return await use(load, gateways)
  } finally {
    for (const child of [...gateways, load]) await child.stop()
  }
}
