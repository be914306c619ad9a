import type { Environment } from '#api/core/config.ts'
import { readOptions } from './arguments.ts'
import { defaultDataDir, interruption, readEnvFile } from './foreground.ts'
import { readRunning } from './running.ts'
import { verifyInvariants } from './verify-invariants.ts'

/**
 * `npm run verify`: checks the stack that runs here, else the installation whose database the environment
 * names, else this machine's own data while nothing runs. JSON; exit 1 on a finding.
 */
readOptions({})
readEnvFile()
const dataDir = defaultDataDir()
const say = (line: string) => console.error(line)
const running = readRunning(dataDir) ?? (process.env.DATABASE_URL ? process.env : undefined)
if (running) await report(running)
else {
  // The stack knows the sandbox, which a production image does not hold.
  const { startStack } = await import('./stack.ts')
  const signal = interruption(say)
  const stack = await startStack({ dataDir, ports: 'free', web: false, gateways: 0, say, signal })
  try {
    await report(stack.environment)
  } finally {
    await stack.stop()
  }
}

async function report(environment: Environment): Promise<void> {
  const found = await verifyInvariants(environment)
  console.log(JSON.stringify(found, null, 2))
  if (!found.ok) process.exitCode = 1
}
