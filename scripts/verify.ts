import { readOptions } from './arguments.ts'
import { defaultDataDir, interruption, readEnvFile } from './foreground.ts'
import { readRunning } from './running.ts'
import { startStack } from './stack.ts'
import { verifyInvariants } from './verify-invariants.ts'

/** `npm run verify`: checks a stack that runs, or its data while nothing runs. JSON; exit 1 on a finding. */
readOptions({})
readEnvFile()
const dataDir = defaultDataDir()
const say = (line: string) => console.error(line)
const running = readRunning(dataDir)
if (running) await report(running)
else {
  const signal = interruption(say)
  const stack = await startStack({ dataDir, ports: 'free', web: false, gateways: 0, say, signal })
  try {
    await report(stack.environment)
  } finally {
    await stack.stop()
  }
}

async function report(environment: Record<string, string>): Promise<void> {
  const found = await verifyInvariants(environment)
  console.log(JSON.stringify(found, null, 2))
  if (!found.ok) process.exitCode = 1
}
