import { aborted, defaultDataDir, interruption, readEnvFile } from './foreground.ts'
import { startStack } from './stack.ts'

readEnvFile()
const say = (line: string) => console.log(line)
const interrupted = interruption(say)

try {
  const stack = await startStack({ dataDir: defaultDataDir(), say, signal: interrupted })
  say(`\nThe console: ${stack.urls.web}\nCtrl-C stops everything.`)
  await aborted(interrupted)
  await stack.stop()
} catch (error) {
  if (!interrupted.aborted) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
