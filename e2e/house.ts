import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { type RunningPlace, type Seat, startPlace } from './theatre.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where a file asks for a seat: by its name, so that asked again it gets the same. */
    houseUrl: string
  }
}

/**
 * Keeps one whole product for all files of a run that change only their own organization; it starts when the first of
 * them asks. Files that change what the platform has once, and those that stop processes, start one of their own.
 */
export default async function openHouse(project: TestProject): Promise<() => Promise<void>> {
  let place: Promise<RunningPlace> | undefined
  let last: Promise<unknown> = Promise.resolve()

  /** One after the other: two seeds at once would make the platform's people twice and buy the same number. */
  function seatFor(name: string): Promise<Seat> {
    place ??= startPlace()
    const running = place
    const seat = last.then(async () => {
      const { urls, databaseUrls, environment, seed } = await running
      const made = await seed({ organizations: 1, suffix: name })
      return { place: { urls, databaseUrls, environment }, seed: made }
    })
    last = seat.catch(() => undefined)
    return seat
  }

  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '', 'http://house').pathname.slice(1)
    seatFor(name).then(
      (seat) => response.end(JSON.stringify(seat)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo // it listens on a port, not on a pipe
  project.provide('houseUrl', `http://127.0.0.1:${port}`)

  return async () => {
    server.closeAllConnections()
    server.close()
    await last
    const running = await place?.catch(() => undefined)
    await running?.stop()
  }
}
