import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { roles } from '#api/contract/permissions.ts'
import { testDatabase } from '#db/testing.ts'
import { ensureSeed, type Seed } from '../scripts/ensure-seed.ts'
import { type Stack, startStack } from '../scripts/stack.ts'

/** What is known of the whole product as it runs: enough to use it from another process. */
export type Place = Pick<Stack, 'urls' | 'databaseUrls' | 'environment'>

/** The whole product in a folder and a database of its own, both gone when it stops. */
export type RunningPlace = Place & {
  seed(options: { organizations: number; suffix?: string }): Promise<Seed>
  stop(): Promise<void>
}

export async function startPlace(): Promise<RunningPlace> {
  const dataDir = mkdtempSync(join(tmpdir(), 'voxcalls-e2e-'))
  // Its server ends with the test run, however that ends.
  const database = await testDatabase()
  const { app, platform, owner } = database.urls
  const clear = async () => {
    await database.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    const stack = await startStack({
      dataDir,
      ports: 'free',
      // Calls that move between gateways are the business of other tests.
      gateways: 1,
      environment: {
        DATABASE_URL: app,
        DATABASE_PLATFORM_URL: platform,
        DATABASE_OWNER_URL: owner,
        // Everybody comes from this one machine: who opens an invitation, who signs in, in several files at once.
        RATE_LIMITS: 'invite-accept=1000,anonymous=1000',
        // Few jobs run at once here, and most of a worker's time would be asking for more.
        JOB_WORKERS: '1',
      },
    })
    return {
      urls: stack.urls,
      databaseUrls: stack.databaseUrls,
      environment: stack.environment,
      async seed(options) {
        const seed = await ensureSeed(stack.environment, options)
        await stack.consoleReady
        return seed
      },
      async stop() {
        await stack.stop()
        await clear()
      },
    }
  } catch (error) {
    await clear()
    throw error
  }
}

const url = z.string()
const person = z.object({
  role: z.enum(roles),
  name: z.string(),
  email: z.string(),
  password: z.string(),
  clerkUserId: z.string(),
  userId: z.string(),
})

/** A shared place with an organization of one's own, as the house gives it out. */
export const seat = z.object({
  place: z.object({
    urls: z.object({
      web: url,
      api: url,
      voice: url,
      worker: url,
      gateways: z.array(url),
      sandbox: url,
    }),
    databaseUrls: z.object({ app: url, platform: url, owner: url }),
    environment: z.record(z.string(), z.string()),
  }),
  seed: z.object({
    platform: z.array(person),
    organizations: z.array(
      z.object({
        organizationId: z.string(),
        name: z.string(),
        agentId: z.string(),
        elevenLabsAgentId: z.string(),
        phoneNumberId: z.string(),
        number: z.string(),
        people: z.array(person),
      }),
    ),
  }),
})
export type Seat = { place: Place; seed: Seed }
