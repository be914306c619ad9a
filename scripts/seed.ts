import type { Environment } from '#api/core/config.ts'
import { readOptions } from './arguments.ts'
import { ensureSeed, type Seed } from './ensure-seed.ts'
import { defaultDataDir, interruption, readEnvFile } from './foreground.ts'
import { readRunning } from './running.ts'
import { createSandboxClient } from './sandbox-client.ts'
import { startStack } from './stack.ts'

/**
 * `npm run seed -- --organizations 3`: ids and tokens as JSON on standard output. A stack that runs is
 * used; otherwise one is started for as long as it takes. `--attached` takes the environment as it is,
 * for containers.
 */
const MAX_ORGANIZATIONS = 90 // each buys a number, and the sandbox offers a hundred

const values = readOptions({
  organizations: { type: 'string', default: '2' },
  attached: { type: 'boolean', default: false },
})
const organizations = Number(values.organizations)
if (!Number.isInteger(organizations) || organizations < 1 || organizations > MAX_ORGANIZATIONS) {
  console.error(`--organizations must be between 1 and ${MAX_ORGANIZATIONS}`)
  process.exit(2)
}

readEnvFile()
const dataDir = defaultDataDir()
const say = (line: string) => console.error(line)
const running = values.attached ? process.env : readRunning(dataDir)
if (running) await seed(running)
else {
  const signal = interruption(say)
  const stack = await startStack({ dataDir, web: false, gateways: 0, say, signal })
  try {
    await seed(stack.environment)
  } finally {
    await stack.stop()
  }
}

async function seed(environment: Environment): Promise<void> {
  const made = await ensureSeed(environment, { organizations })
  console.log(JSON.stringify(await withTokens(made, environment), null, 2))
}

/** A session token of everybody, as the console would send it; Clerk's live a minute. */
async function withTokens(made: Seed, environment: Environment) {
  const sandbox = createSandboxClient(environment.SANDBOX_URL ?? '')
  const origin = new URL(environment.PUBLIC_WEB_URL ?? '').origin
  const signedIn = (people: Seed['platform']) =>
    Promise.all(
      people.map(async (person) => ({
        ...person,
        token: await sandbox.token(person.clerkUserId, origin),
      })),
    )
  return {
    platform: await signedIn(made.platform),
    organizations: await Promise.all(
      made.organizations.map(async (one) => ({ ...one, people: await signedIn(one.people) })),
    ),
  }
}
