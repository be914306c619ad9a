import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { gatewayFlags } from '#voice/node-flags.ts'
import { Capture, canCapture } from './voice-capture.ts'
import { lostRecords, ready, Surroundings } from './voice-product.ts'
import type {
  GatewayMode,
  GatewayReport,
  LoadOrder,
  LoadReport,
  LoadTarget,
  Watched,
} from './voice-types.ts'
import type { Bench, Row } from './wallet.ts'

const isFull = process.argv.includes('--full')
const CPU_CALLS = 120 // of each gateway; up to three of them share one core
const CPU_MS = 60_000 // in a minute each call pays for one further slice, as at customers'
// How long a frame waits on a core that is half idle says little of a gateway. The goal comes from 900 calls on a core
// where the relay's p99 was 7 to 27 ms; a relay that takes four fifths of its core is as late as that.
const FULL_CALLS = 900
const SOME_CALLS = 450
const RELAY_SHARE = 0.8
const WINDOWS = { each: 10_000, count: 4 } // a shared machine's bad moment spoils one of them and not the others
const WATCHED_CALLS = 30 // whose packets are looked at: 16,000 messages in a window
const DELAY_WARM_MS = 15_000
const MEMORY_CALLS = isFull ? 900 : 450
const WARM_MS = 5_000 // until the compiler has seen every path often enough
const CPU_WARM_MS = 30_000 // the optimizing compiler takes a hot loop that long to settle; a gateway runs for weeks
const STEPS = [500, 600, 700, 800, 900, 1_000] // calls on one core, up to the first that is too slow; the gateway takes no more
const SLOWEST_MS = 20
const CHURN_ROUNDS = 8 // of 250 calls each: two thousand calls come and go
const CHURN_CALLS = 250
const MEMORY_ROUNDS = 3
const DELAY_ROUNDS = 3
const CONNECTED_AT_ONCE = 100 // then all speak for a moment: a stream that is silent for long is given up
const ALIVE_MS = 300
const SETTLED_MS = 5_000 // for what a gateway does with calls that are over
// A young generation of full size from the start: both processes get one sooner or later, and it is no call's.
const GROWN = ['--min-semi-space-size=16', '--max-semi-space-size=16']
const TASKSET = '/usr/bin/taskset'
const CHRT = '/usr/bin/chrt'
// Each side on its own core, where the system can pin: the load must not steal from what is measured.
const [GATEWAY_CORE, LOAD_CORE] = [0, 1]
const CAN_PIN = existsSync(TASKSET) && cpus().length > LOAD_CORE
// A full core would leave its helpers nothing, and with them the tape.
const CAN_GO_FIRST =
  !isFull && existsSync(CHRT) && spawnSync(CHRT, ['-r', '1', 'true']).status === 0
// It shares its core with the product's helpers, database and consoles: what it says is more than the gateway took.
const BY_LOAD = ", by the load's clock for want of tcpdump"
const ANSWER_MS = 90_000 // a child that says nothing for so long is stuck

/** The gateway against a bare relay between the same sockets, in processes of their own. */
export const benches: Bench[] = [{ name: 'voice', run: runVoice }]

async function runVoice(): Promise<Row[]> {
  const before = ownCores()
  // The database that is started now, the consoles and callers of this process: what a gateway's core must not carry.
  pinOurselves(String(LOAD_CORE))
  try {
    return [
      ...(await cpuPerMessage()),
      ...(await delays()),
      ...(await memoryPerCall()),
      ...(isFull ? [...(await callsOnOneCore()), ...(await memoryAfterChurn())] : []),
    ]
  } finally {
    pinOurselves(before)
  }
}

/** Those that we were given, as `taskset` writes them: `0-7`, `0,2`. */
function ownCores(): string {
  if (!CAN_PIN) return ''
  const { stdout } = spawnSync(TASKSET, ['-c', '-p', String(process.pid)], { encoding: 'utf8' })
  return stdout.slice(stdout.lastIndexOf(':') + 1).trim()
}

function pinOurselves(cores: string): void {
  if (CAN_PIN) spawnSync(TASKSET, ['-a', '-c', '-p', cores, String(process.pid)])
}

/** Those compared at the same moment on one core, so that whatever else the machine does slows them alike. */
async function cpuPerMessage(): Promise<Row[]> {
  const own = await cpuBesideRelay([
    { mode: 'product', name: 'everything on', goal: 1 },
    { mode: 'bridge', name: 'taps off', goal: 0.88 },
  ])
  // By itself: a third one would take of the processor's cache from the other two.
  const library = await cpuBesideRelay([
    { mode: 'product-ws', name: 'everything on, ws library', goal: 1.25 },
  ])
  return [...own, ...library]
}

type Measured = { mode: GatewayMode; name: string; goal: number }

async function cpuBesideRelay(measured: Measured[]): Promise<Row[]> {
  const modes: GatewayMode[] = ['relay', ...measured.map(({ mode }) => mode)]
  return withLoad(modes, async (load, gateways, surroundings) => {
    await load.connect(gateways, CPU_CALLS)
    await load.run(CPU_WARM_MS)
    const before = await Promise.all(gateways.map((gateway) => gateway.report()))
    const traffic = await load.run(CPU_MS)
    const after = await Promise.all(gateways.map((gateway) => gateway.report()))
    const kept = await surroundings.keptLeases()
    const [relay, ...others] = gateways.map(
      (_, index) => (after[index]!.cpuUs - before[index]!.cpuUs) / traffic[index]!.mediaMessages,
    ) as [number, ...number[]]
    const rows = measured.map(({ name, goal }, index): Row => {
      const value = others[index]!
      return {
        name: `CPU per media message, ${name}`,
        value,
        unit: 'µs',
        baseline: relay,
        ratio: value / relay,
        goal: `≤ ${goal} ×`,
        met: value / relay <= goal,
      }
    })
    const leased = CPU_CALLS * gateways.filter((gateway) => gateway.isProduct).length
    return [...rows, countRow('leases kept while that was measured', kept, leased, kept === leased)]
  })
}

async function delays(): Promise<Row[]> {
  const calls = await callsThatFillTheRelay()
  const relays: LoadReport[] = []
  const products: Alone[] = []
  // In turn, and the middle window counts: a shared machine has moments that no process of ours made.
  for (let round = 0; round < DELAY_ROUNDS; round++) {
    relays.push(...(await alone('relay', calls)).windows)
    products.push(await alone('product', calls))
  }
  const windows = products.flatMap((run) => run.windows)
  const relayP99 = middle(relays.map((window) => window.delayP99))
  const faults = products.reduce((sum, run) => sum + faultsOf(run), 0)
  // Those that are on their way when a window ends are not answered in it.
  const areAnswered = windows.every((window) => window.unanswered <= 2 && window.probes > 0)
  const goalMs = (name: string, value: number, goal: number): Row => ({
    name,
    value,
    unit: 'ms',
    baseline: relayP99,
    ratio: value / relayP99,
    goal: `≤ ${goal} ms`,
    met: value <= goal && areAnswered,
  })
  const p99 = middle(windows.map((window) => window.delayP99))
  const clearP95 = middle(windows.map((window) => window.clearP95))
  const keypadP95 = middle(windows.map((window) => window.keypadP95))
  return [
    goalMs(`added delay p99 at ${calls} calls on one core${canCapture ? '' : BY_LOAD}`, p99, 5),
    {
      name: 'the same against the relay',
      value: p99,
      unit: 'ms',
      baseline: relayP99,
      ratio: p99 / relayP99,
      goal: '≤ 0.5 ×',
      met: p99 / relayP99 <= 0.5,
    },
    goalMs("onset of the caller's speech to clear on the wire, p95", clearP95, 60),
    goalMs('keypad to agent, p95', keypadP95, 100),
    countRow('frames lost, reordered, corrupted or not on the tape', faults, 0, faults === 0),
  ]
}

/** Those with which the relay takes so much of a core, by what it takes with some. */
async function callsThatFillTheRelay(): Promise<number> {
  if (isFull) return FULL_CALLS
  return withLoad(['relay'], async (load, [relay]) => {
    await load.connect([relay!], SOME_CALLS)
    relay!.goFirst()
    await load.run(DELAY_WARM_MS)
    const [before, since] = [await relay!.report(), performance.now()]
    await load.run(CPU_MS)
    const after = await relay!.report()
    const share = (after.cpuUs - before.cpuUs) / 1_000 / (performance.now() - since)
    return Math.round((SOME_CALLS * RELAY_SHARE) / share)
  })
}

async function callsOnOneCore(): Promise<Row[]> {
  const most = async (mode: GatewayMode): Promise<number> => {
    let reached = 0
    for (const calls of STEPS) {
      const run = await alone(mode, calls)
      const p99 = middle(run.windows.map((window) => window.delayP99))
      if (p99 > SLOWEST_MS || faultsOf(run) > 0) break
      reached = calls
    }
    return reached
  }
  const baseline = await most('relay')
  const value = await most('product')
  const refused = await withLoad(['product'], async (load, [gateway], surroundings) => {
    await load.connect([gateway!], STEPS.at(-1)!)
    const { call } = await surroundings.ring(gateway!.environment)
    return call === undefined ? 1 : 0
  })
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
    countRow(`call ${STEPS.at(-1)! + 1} refused`, refused, 1, refused === 1),
  ]
}

/**
 * What the system counts for a gateway full of calls above one without any, and what a further call adds once a
 * process has what every busy one needs: the first is what a machine must have, the second what growing costs.
 */
async function memoryPerCall(): Promise<Row[]> {
  const row = (name: string, value: number, baseline: number, isGoal: boolean): Row => ({
    name,
    value,
    unit: 'KB',
    baseline,
    ratio: value / baseline,
    goal: isGoal ? '≤ 1 ×' : 'none',
    met: !isGoal || value <= baseline,
  })
  const fullOf = await medians(memoryOfFull)
  const further = await medians(memoryOfFurther)
  return [
    row(`memory per call of ${MEMORY_CALLS}, from none`, fullOf.product, fullOf.relay, true),
    row(`memory of a further call`, further.product, further.relay, false),
  ]
}

const memoryOfFull = (mode: GatewayMode) =>
  withLoad([mode], async (load, [gateway]) => {
    const none = await gateway!.report()
    await load.connect([gateway!], MEMORY_CALLS)
    await load.run(WARM_MS)
    const full = await gateway!.report()
    return (full.rssBytes - none.rssBytes) / 1_024 / MEMORY_CALLS
  })

const memoryOfFurther = (mode: GatewayMode) =>
  withLoad(
    [mode],
    async (load, [gateway]) => {
      const first = Math.floor(MEMORY_CALLS / 3)
      await load.connect([gateway!], first)
      await load.run(WARM_MS)
      const some = await gateway!.report('report after collecting')
      await load.connect([gateway!], MEMORY_CALLS - first)
      await load.run(WARM_MS)
      const all = await gateway!.report('report after collecting')
      return (all.rssBytes - some.rssBytes) / 1_024 / (MEMORY_CALLS - first)
    },
    GROWN,
  )

async function medians(measure: (mode: GatewayMode) => Promise<number>) {
  const relay = await median(() => measure('relay'))
  return { relay, product: await median(() => measure('product')) }
}

/** What the system counts as a process's memory comes and goes by pages that nothing lives in. */
async function median(measure: () => Promise<number>): Promise<number> {
  const measured: number[] = []
  for (let round = 0; round < MEMORY_ROUNDS; round++) measured.push(await measure())
  return middle(measured)
}

const middle = (measured: readonly number[]): number =>
  measured.toSorted((a, b) => a - b)[Math.floor(measured.length / 2)]!

async function memoryAfterChurn(): Promise<Row[]> {
  return withLoad(['product'], async (load, [gateway]) => {
    const rss: number[] = []
    for (let round = 0; round < CHURN_ROUNDS; round++) {
      await load.connect([gateway!], CHURN_CALLS)
      await load.run(WARM_MS)
      await load.hangUp()
      await sleep(SETTLED_MS)
      const { rssBytes } = await gateway!.report('report after collecting')
      rss.push(rssBytes / 1_048_576)
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

type Alone = { windows: LoadReport[]; untaped: number }

/** Frames that were lost, reordered, corrupted or are not on the tape. */
const faultsOf = ({ windows, untaped }: Alone): number =>
  windows.reduce((sum, { lost, reordered, corrupted }) => sum + lost + reordered + corrupted, 0) +
  untaped

/** One gateway with a core to itself. Nothing is collected by order before or in what is measured. */
async function alone(mode: GatewayMode, calls: number): Promise<Alone> {
  return withLoad([mode], async (load, [gateway]) => {
    await load.connect([gateway!], calls)
    gateway!.goFirst()
    await load.run(DELAY_WARM_MS)
    const windows: LoadReport[] = []
    for (let count = 0; count < WINDOWS.count; count++)
      windows.push(await load.window(WINDOWS.each))
    const untaped = gateway!.isProduct ? await lostRecords(gateway!.environment) : 0
    return { windows, untaped }
  })
}

const countRow = (name: string, value: number, baseline: number, met: boolean): Row => ({
  name,
  value,
  unit: '',
  baseline,
  ratio: baseline === 0 ? value : value / baseline,
  goal: String(baseline),
  met,
})

class Child {
  readonly process: ChildProcess
  port = 0

  constructor(core: number, args: string[], environment?: Record<string, string>) {
    const node = [process.execPath, ...args]
    const [command, ...rest] = CAN_PIN ? [TASKSET, '-c', String(core), ...node] : node
    this.process = spawn(command!, rest, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      ...(environment && { env: environment }),
    })
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
  readonly environment: Record<string, string>
  #surroundings: Surroundings

  private constructor(
    mode: GatewayMode,
    program: string[],
    surroundings: Surroundings,
    environment?: Record<string, string>,
  ) {
    super(
      GATEWAY_CORE,
      ['--expose-gc', '--import', pathOf('./voice-report.ts'), ...program],
      environment,
    )
    this.mode = mode
    this.environment = environment ?? {}
    this.#surroundings = surroundings
  }

  static async start(
    mode: GatewayMode,
    vendorPort: number,
    surroundings: Surroundings,
    flags: string[],
  ): Promise<GatewayChild> {
    if (mode === 'relay' || mode === 'bridge') {
      const program = [...flags, pathOf('./voice-gateway.ts'), mode, String(vendorPort)]
      return new GatewayChild(mode, program, surroundings).started()
    }
    const environment = await surroundings.environment(mode === 'product' ? 'own' : 'library')
    // Its own come last: they are how it runs at customers'.
    const program = [...flags, ...gatewayFlags, pathOf('../voice/server.ts')]
    const child = new GatewayChild(mode, program, surroundings, environment)
    child.port = Number(environment.VOICE_PORT)
    await ready(environment)
    return child
  }

  get isProduct(): boolean {
    return this.mode === 'product' || this.mode === 'product-ws'
  }

  async target(calls: number): Promise<LoadTarget> {
    const { port, mode } = this
    const dialled = this.isProduct ? await this.#surroundings.dial(this.environment, calls) : []
    return { port, mode, calls, dialled }
  }

  async connected(target: LoadTarget): Promise<void> {
    if (this.isProduct) await this.#surroundings.watch(this.environment, target.dialled)
  }

  /**
   * From now on its main thread runs before all else on its core, where the system lets us: a virtual machine's kernel
   * threads take it 8 ms at a time, several times a second, which is a p99 of its own.
   */
  goFirst(): void {
    if (CAN_GO_FIRST) spawnSync(CHRT, ['-r', '-p', '1', String(this.process.pid)])
  }

  report(how: 'report' | 'report after collecting' = 'report'): Promise<GatewayReport> {
    const answer = this.answer<GatewayReport>()
    this.process.send(how)
    return answer
  }
}

const pathOf = (script: string): string => new URL(script, import.meta.url).pathname

class LoadChild extends Child {
  constructor() {
    super(LOAD_CORE, [pathOf('./voice-load.ts')])
  }

  async connect(gateways: GatewayChild[], calls: number): Promise<void> {
    for (let left = calls; left > 0; left -= CONNECTED_AT_ONCE) {
      const some = Math.min(left, CONNECTED_AT_ONCE)
      const targets = await Promise.all(gateways.map((gateway) => gateway.target(some)))
      await this.#order({ order: 'connect', targets })
      await this.run(ALIVE_MS)
      await Promise.all(gateways.map((gateway, index) => gateway.connected(targets[index]!)))
      await this.run(ALIVE_MS)
    }
  }

  run(ms: number): Promise<LoadReport[]> {
    return this.#order({ order: 'run', ms })
  }

  /** A run with one gateway whose delays are those at its own sockets, where the system lets us see them. */
  async window(ms: number): Promise<LoadReport> {
    const capture = canCapture ? await Capture.start(await this.#watched()) : undefined
    try {
      const [report] = (await this.run(ms)) as [LoadReport]
      return capture ? { ...report, ...percentiles(await capture.delays()) } : report
    } finally {
      await capture?.stop()
    }
  }

  #watched(): Promise<Watched> {
    return this.#order({ order: 'watch', calls: WATCHED_CALLS })
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

function percentiles(delays: number[]): Pick<LoadReport, 'delayP50' | 'delayP99'> {
  const sorted = delays.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  return { delayP50: at(0.5), delayP99: at(0.99) }
}

async function withLoad<Result>(
  modes: GatewayMode[],
  use: (load: LoadChild, gateways: GatewayChild[], surroundings: Surroundings) => Promise<Result>,
  flags: string[] = [],
): Promise<Result> {
  const load = new LoadChild()
  const gateways: GatewayChild[] = []
  let surroundings: Surroundings | undefined
  try {
    await load.started()
    surroundings = await Surroundings.open(load.port)
    for (const mode of modes)
      gateways.push(await GatewayChild.start(mode, load.port, surroundings, flags))
    return await use(load, gateways, surroundings)
  } finally {
    for (const child of [...gateways, load]) await child.stop()
    await surroundings?.close()
  }
}
