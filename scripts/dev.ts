import { readOptions } from './arguments.ts'
import { setStage } from './demo/stage.ts'
import { firstCall, type Stage } from './demo/stories.ts'
import type { Seed } from './ensure-seed.ts'
import { aborted, defaultDataDir, interruption, readEnvFile } from './foreground.ts'
import { type Stack, startStack } from './stack.ts'
import { tell } from './story.ts'

/** `npm start`: everything up, one call through all of it, and its story; then it stays. */
readOptions({})
readEnvFile()
const say = (line: string) => console.log(line)
const interrupted = interruption(say)

let stack: Stack | undefined
try {
  stack = await startStack({ dataDir: defaultDataDir(), say, signal: interrupted })
  const over = aborted(interrupted)
  const { stage, seed } = await Promise.race([setStage(stack), over.then(stop)])
  await Promise.race([tellFirstCall(stage), over])
  await Promise.race([stack.consoleReady, over])
  if (!interrupted.aborted) say(welcome(seed, stack.urls))
  await over
} catch (error) {
  if (!interrupted.aborted) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
} finally {
  await stack?.stop()
}

function stop(): never {
  throw new Error('interrupted')
}

/** A call that goes wrong is told, and the product stays up to be looked at. */
async function tellFirstCall(stage: Stage): Promise<void> {
  say(`\nPlacing a call to ${stage.number} …`)
  try {
    const told = await firstCall.run(stage)
    say(`\n${tell(told.story)}`)
  } catch (error) {
    if (interrupted.aborted) return
    say(`\nThe first call did not go as promised: ${String(error)}`)
  }
}

function welcome(seed: Seed, urls: { web: string; sandbox: string }): string {
  const [organization] = seed.organizations
  const people = [...seed.platform, ...(organization?.people ?? [])]
  return [
    '',
    `The console: ${urls.web}`,
    ...people.map(
      ({ role, email, password }) => `  ${role.padEnd(13)} ${email.padEnd(26)} ${password}`,
    ),
    `A telephone to call ${organization?.number} with: ${urls.sandbox}`,
    `The mail it sends: ${urls.sandbox}/inbox`,
    '',
    'Ctrl-C stops everything.',
  ].join('\n')
}
