import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** Every port of the product on a developer's machine, and the variable that moves it. */
export const portVariables = {
  web: 'WEB_PORT',
  api: 'API_PORT',
  voice: 'VOICE_PORT',
  worker: 'WORKER_PORT',
  voice1: 'VOICE_1_PORT',
  voice2: 'VOICE_2_PORT',
  control: 'SANDBOX_CONTROL_PORT',
  twilio: 'SANDBOX_TWILIO_PORT',
  elevenlabs: 'SANDBOX_ELEVENLABS_PORT',
  openai: 'SANDBOX_OPENAI_PORT',
  stripe: 'SANDBOX_STRIPE_PORT',
  clerk: 'SANDBOX_CLERK_PORT',
  smtp: 'SANDBOX_SMTP_PORT',
} as const

export type PortName = keyof typeof portVariables
export type Ports = Record<PortName, number>

export const usualPorts: Ports = {
  web: 3000,
  api: 3001,
  voice: 3002,
  worker: 3003,
  voice1: 3102,
  voice2: 3103,
  control: 4000,
  twilio: 4010,
  elevenlabs: 4020,
  openai: 4030,
  stripe: 4040,
  clerk: 4050,
  smtp: 4060,
}

// The Fetch standard's list, from 1024 on: no browser and no `fetch` connects to these.
const BLOCKED = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669,
  6679, 6697, 10080,
])

const names = Object.keys(portVariables) as PortName[]

/** The usual ports, with those that the environment moves. */
export function portsFrom(environment: NodeJS.ProcessEnv): Ports {
  const moved = names.flatMap((name) => {
    const text = environment[portVariables[name]]
    if (!text) return []
    const port = Number(text)
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new Error(`${portVariables[name]} must be a port between 1 and 65535, not "${text}".`)
    if (BLOCKED.has(port))
      throw new Error(
        `${portVariables[name]} must not be ${port}: browsers refuse to connect to it.`,
      )
    return [[name, port]]
  })
  return { ...usualPorts, ...Object.fromEntries(moved) }
}

// Below the ports that systems lend to outgoing connections: one of those could be taken between here and its use.
const FREE_FROM = 20_000
const FREE_TO = 32_000
const FREE_TRIES = 200 // of 12,000 ports; a machine with so many taken has other troubles

/** Ports nobody listens on. They are held all together until the last is found, so none comes twice. */
export async function freePorts(): Promise<Ports> {
  const held: Server[] = []
  for (let tries = 0; held.length < names.length; tries += 1) {
    if (tries === FREE_TRIES) throw new Error('no free ports were found')
    const port = FREE_FROM + Math.floor(Math.random() * (FREE_TO - FREE_FROM))
    if (await isFree(port, '127.0.0.1')) held.push(await hold(port, '127.0.0.1'))
  }
  const ports = held.map(portOf)
  await Promise.all(held.map(letGo))
  return Object.fromEntries(names.map((name, index) => [name, ports[index]])) as Ports
}

/** A line for each wanted port that is taken, saying how to move it. */
export async function takenPorts(ports: Ports, wanted: readonly PortName[]): Promise<string[]> {
  const lines = await Promise.all(
    wanted.map(async (name) => {
      // The console listens on `localhost`, which may be either family.
      const hosts = name === 'web' ? ['127.0.0.1', '::1'] : ['127.0.0.1']
      const free = await Promise.all(hosts.map((host) => isFree(ports[name], host)))
      if (free.every(Boolean)) return []
      return [`Port ${ports[name]} (${name}) is taken; set ${portVariables[name]} to move it.`]
    }),
  )
  return lines.flat()
}

async function isFree(port: number, host: string): Promise<boolean> {
  try {
    await letGo(await hold(port, host))
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // A machine without IPv6 has no `::1` to be taken.
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return true
    if (code === 'EADDRINUSE' || code === 'EACCES') return false
    throw error
  }
}

async function hold(port: number, host: string): Promise<Server> {
  const server = createServer().listen({ port, host })
  await once(server, 'listening')
  return server
}

async function letGo(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}

function portOf(server: Server): number {
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('the server has no TCP port')
  return address.port
}
