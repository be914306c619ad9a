import { Agent, request } from 'node:http'

export type Target = { port: number; path: string; token?: string }

/** Keeps its connections, as a browser and a load balancer do. */
export const agentOf = (connections: number) =>
  new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' })

/** One request to its last byte; anything but 200 is an error. */
export function ask(agent: Agent, { port, path, token }: Target): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = token ? { authorization: `Bearer ${token}` } : {}
    const sent = request({ agent, host: '127.0.0.1', port, path, headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.once('error', reject)
      response.once('end', () => {
        const body = Buffer.concat(parts).toString()
        if (response.statusCode === 200) resolve(body)
        else reject(new Error(`${path} answered ${response.statusCode}: ${body.slice(0, 300)}`))
      })
    })
    sent.once('error', reject)
    sent.end()
  })
}

/** How long each of so many requests took, one after another; one that was refused took forever. */
export async function times(agent: Agent, count: number, next: () => Target): Promise<number[]> {
  const taken: number[] = []
  for (let i = 0; i < count; i++) {
    const from = performance.now()
    const answer = await ask(agent, next()).catch((error: Error) => error)
    if (answer instanceof Error) console.error(`  ${answer.message}`)
    taken.push(answer instanceof Error ? Number.POSITIVE_INFINITY : performance.now() - from)
  }
  return taken
}

/** Requests a second over so many connections at once. */
export async function perSecond(
  agent: Agent,
  connections: number,
  ms: number,
  target: Target,
): Promise<number> {
  const from = performance.now()
  let answered = 0
  const hand = async () => {
    while (performance.now() - from < ms) {
      await ask(agent, target)
      answered++
    }
  }
  await Promise.all(Array.from({ length: connections }, hand))
  return answered / ((performance.now() - from) / 1000)
}

export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[
    Math.min(values.length - 1, Math.floor(values.length * share))
  ] ?? Number.NaN
