import { join, resolve } from 'node:path'
import { migrate } from '../db/migrate.ts'
import { gatewayFlags } from '../voice/node-flags.ts'
import { buildConsole, consoleArguments } from './console-build.ts'
import { freePorts, type PortName, type Ports, portsFrom, takenPorts } from './ports.ts'
import { type DatabaseUrls, postgresUnit } from './postgres-unit.ts'
import { forgetRunning, tellRunning } from './running.ts'
import { sandboxEnvironment, standInEnvironment } from './sandbox-env.ts'
import { type ProcessRow, Supervisor } from './supervisor.ts'
import { answers, nodeUnit } from './unit.ts'

export type StackOptions = {
  /** Everything that outlives the processes: database, files, numbers, keys, logs. */
  dataDir: string
  /** `free` picks ports nobody uses, so that several stacks can run at once. */
  ports?: 'free' | 'usual'
  /** Without the console nothing has to be built. */
  web?: boolean
  /** How many voice gateways share the voice port; as many as the machine can by default. */
  gateways?: 0 | 1 | 2
  /** Settings on top of the machine's own environment. */
  environment?: NodeJS.ProcessEnv
  say?: (line: string) => void
  /** Ends the stack whenever it comes, also in the middle of the start. */
  signal?: AbortSignal
}

/** The whole product on one machine. */
export type Stack = {
  urls: {
    web: string
    api: string
    voice: string
    worker: string
    gateways: string[]
    sandbox: string
  }
  databaseUrls: DatabaseUrls
  /** What every process of the product was told. */
  environment: Record<string, string>
  dataDir: string
  /** Resolves when the console serves; the rest does by now, and need not wait for a build. */
  consoleReady: Promise<void>
  processes(): ProcessRow[]
  /** To one process by its name in the table: `voice-1`, `postgres`, `worker` … */
  kill(name: string, signal: NodeJS.Signals): void
  /** Resolves the next time that process serves again. Ask before killing. */
  served(name: string): Promise<void>
  /** Ends everything in order. Called again it waits for the same end. */
  stop(): Promise<void>
}

const ROOT = resolve(import.meta.dirname, '..')
const HOST = '127.0.0.1'
const DRAIN_SECONDS = 3 // on a developer's machine a stop need not wait for calls to end
// Only Linux spreads one port over several processes.
const MOST_GATEWAYS = process.platform === 'linux' ? 2 : 1
const GATEWAY_PORTS: readonly PortName[] = ['voice1', 'voice2']
const TIERS = { postgres: 0, sandbox: 1, product: 2, gateways: 3, web: 4 }

/** Starts everything and resolves when all but the console serves; on failure nothing is left running. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = resolve(options.dataDir)
  const given = { ...process.env, ...options.environment }
  const say = options.say ?? (() => undefined)
  const withWeb = options.web ?? true
  const gateways = GATEWAY_PORTS.slice(
    0,
    Math.min(options.gateways ?? MOST_GATEWAYS, MOST_GATEWAYS),
  )
  const ports = options.ports === 'free' ? await freePorts() : portsFrom(given)
  await refuseTakenPorts(ports, withWeb)

  const supervisor = new Supervisor({ tableFile: join(dataDir, 'processes.json'), say })
  const building = new AbortController()
  const stop = async () => {
    building.abort()
    await supervisor.stop()
    forgetRunning(dataDir)
  }
  options.signal?.addEventListener('abort', () => void stop(), { once: true })
  try {
    const settings = productSettings(given, ports, dataDir)
    const build = withWeb ? buildConsole(ROOT, { ...given, ...settings }, building.signal) : null
    // It may fail while nobody waits for it yet; whoever does later still hears of it.
    build?.catch(() => undefined)

    const [databaseUrls] = await Promise.all([
      startDatabase(supervisor, given, dataDir, say),
      startSandbox(supervisor, given, { ports, dataDir, settings, say }),
    ])
    const environment: Record<string, string> = {
      ...settings,
      DATABASE_URL: databaseUrls.app,
      DATABASE_PLATFORM_URL: databaseUrls.platform,
      DATABASE_OWNER_URL: databaseUrls.owner,
    }
    const all = { ...given, ...environment }
    const programs = { supervisor, environment: all, dataDir, ports }
    await Promise.all([
      startProgram(programs, 'api', ['api/server.ts'], ports.api),
      startProgram(programs, 'worker', ['api/worker.ts'], ports.worker),
      ...gateways.map((name, index) => startGateway(programs, index + 1, ports[name])),
    ])
    say(`api, worker and ${gateways.length} voice gateways serve`)
    tellRunning(dataDir, environment)
    const consoleReady = build ? startConsole(programs, build, say) : Promise.resolve()
    // Whoever waits for it hears of a failure; nobody has to.
    consoleReady.catch(() => undefined)

    return {
      urls: {
        web: settings.PUBLIC_WEB_URL,
        api: settings.PUBLIC_API_URL,
        voice: settings.PUBLIC_VOICE_URL,
        worker: `http://${HOST}:${ports.worker}`,
        gateways: gateways.map((name) => `http://${HOST}:${ports[name]}`),
        sandbox: `http://${HOST}:${ports.control}`,
      },
      databaseUrls,
      environment,
      dataDir,
      consoleReady,
      processes: () => supervisor.processes(),
      kill: (name, signal) => supervisor.signal(name, signal),
      served: (name) => supervisor.served(name),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function refuseTakenPorts(ports: Ports, withWeb: boolean): Promise<void> {
  const wanted = (Object.keys(ports) as PortName[]).filter((name) => withWeb || name !== 'web')
  const taken = await takenPorts(ports, wanted)
  if (taken.length > 0)
    throw new Error(`${taken.join('\n')}\nIs VoxCalls running already? Stop it, or move the ports.`)
}

type Settings = Record<string, string> &
  Record<'PUBLIC_WEB_URL' | 'PUBLIC_API_URL' | 'PUBLIC_VOICE_URL', string>

function productSettings(given: NodeJS.ProcessEnv, ports: Ports, dataDir: string): Settings {
  return {
    VOXCALLS_ENV: 'development',
    HOST,
    DATA_DIR: dataDir,
    WEB_PORT: String(ports.web),
    API_PORT: String(ports.api),
    VOICE_PORT: String(ports.voice),
    WORKER_PORT: String(ports.worker),
    PUBLIC_WEB_URL: given.PUBLIC_WEB_URL ?? `http://localhost:${ports.web}`,
    PUBLIC_API_URL: given.PUBLIC_API_URL ?? `http://${HOST}:${ports.api}`,
    PUBLIC_VOICE_URL: given.PUBLIC_VOICE_URL ?? `http://${HOST}:${ports.voice}`,
    DRAIN_SECONDS: given.DRAIN_SECONDS ?? String(DRAIN_SECONDS),
    ...sandboxEnvironment(given, { ports, host: HOST, dataDir: join(dataDir, 'sandbox') }),
  }
}

/** The database the environment names, else our own; its schema up to date in either case. */
async function startDatabase(
  supervisor: Supervisor,
  given: NodeJS.ProcessEnv,
  dataDir: string,
  say: (line: string) => void,
): Promise<DatabaseUrls> {
  const { DATABASE_URL, DATABASE_PLATFORM_URL, DATABASE_OWNER_URL } = given
  if (DATABASE_URL) {
    if (!DATABASE_PLATFORM_URL || !DATABASE_OWNER_URL)
      throw new Error(
        'With DATABASE_URL set, DATABASE_PLATFORM_URL and DATABASE_OWNER_URL are needed too.',
      )
    await migrate(DATABASE_OWNER_URL)
    return { app: DATABASE_URL, platform: DATABASE_PLATFORM_URL, owner: DATABASE_OWNER_URL }
  }
  const postgres = postgresUnit(dataDir, say)
  await supervisor.start(postgres.unit)
  await migrate(postgres.urls().owner)
  say('postgres serves, the schema is up to date')
  return postgres.urls()
}

async function startSandbox(
  supervisor: Supervisor,
  given: NodeJS.ProcessEnv,
  stack: { ports: Ports; dataDir: string; settings: Settings; say: (line: string) => void },
): Promise<void> {
  const { ports, dataDir, settings, say } = stack
  const standIns = standInEnvironment({
    ports,
    host: HOST,
    dataDir: join(dataDir, 'sandbox'),
    publicApiUrl: settings.PUBLIC_API_URL,
  })
  await supervisor.start(
    nodeUnit({
      role: 'sandbox',
      name: 'sandbox',
      tier: TIERS.sandbox,
      args: ['sandbox/start.ts'],
      env: { ...given, ...standIns },
      cwd: ROOT,
      ports: [ports.control, ports.twilio, ports.elevenlabs, ports.stripe, ports.clerk, ports.smtp],
      ready: () => answers(`http://${HOST}:${ports.control}/sandbox/status`),
      logFile: join(dataDir, 'logs', 'sandbox.log'),
    }),
  )
  say('the sandbox serves: stand-ins for Twilio, ElevenLabs, OpenAI, Clerk, Stripe and mail')
}

type Programs = {
  supervisor: Supervisor
  environment: NodeJS.ProcessEnv
  dataDir: string
  ports: Ports
}

const startProgram = (programs: Programs, name: string, args: string[], port: number) =>
  programs.supervisor.start(
    nodeUnit({
      role: name,
      name,
      tier: TIERS.product,
      args,
      env: programs.environment,
      cwd: ROOT,
      ports: [port],
      ready: () => answers(`http://${HOST}:${port}/readyz`),
      logFile: join(programs.dataDir, 'logs', `${name}.log`),
    }),
  )

function startGateway(programs: Programs, number: number, ownPort: number): Promise<void> {
  const name = `voice-${number}`
  return programs.supervisor.start(
    nodeUnit({
      role: 'voice',
      name,
      tier: TIERS.gateways,
      args: [...gatewayFlags, 'voice/server.ts'],
      env: { ...programs.environment, GATEWAY_NAME: name, VOICE_OWN_PORT: String(ownPort) },
      cwd: ROOT,
      ports: [programs.ports.voice, ownPort],
      ready: () => answers(`http://${HOST}:${ownPort}/readyz`),
      logFile: join(programs.dataDir, 'logs', `${name}.log`),
    }),
  )
}

async function startConsole(
  programs: Programs,
  build: Promise<'built' | 'fresh'>,
  say: (line: string) => void,
): Promise<void> {
  const how = await build
  const { port, url } = { port: programs.ports.web, url: programs.environment.PUBLIC_WEB_URL }
  await programs.supervisor.start(
    nodeUnit({
      role: 'web',
      name: 'web',
      tier: TIERS.web,
      args: consoleArguments(ROOT, port),
      env: { ...programs.environment, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
      cwd: ROOT,
      ports: [port],
      ready: () => answers(`http://localhost:${port}/livez`),
      logFile: join(programs.dataDir, 'logs', 'web.log'),
    }),
  )
  say(`the console serves at ${url}${how === 'built' ? ' (built from changed sources)' : ''}`)
}
