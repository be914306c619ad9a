import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOptions } from './arguments.ts'
import { agentChanges } from './demo/agent-story.ts'
import { outboundStories } from './demo/outbound-stories.ts'
import { setStage } from './demo/stage.ts'
import { alone, type DemoStory, type Stage, type Told, together } from './demo/stories.ts'
import { testedEdit } from './demo/tested-story.ts'
import { interruption, readEnvFile } from './foreground.ts'
import { startStack } from './stack.ts'
import { tell } from './story.ts'
import { verifyInvariants } from './verify-invariants.ts'

/**
 * `npm run demo [-- --only text] [--flip]`: boots the product without a console, places one call of each
 * kind, prints each story and holds the product to it. `--flip` turns over one bit of the agent's audio on
 * its way in, which must break a promise.
 */
const values = readOptions({ only: { type: 'string' }, flip: { type: 'boolean', default: false } })

readEnvFile()
const say = (line: string) => console.log(line)
const signal = interruption(say)
const dataDir = mkdtempSync(join(tmpdir(), 'voxcalls-demo-'))
const broken: string[] = []
let told = 0

const stack = await startStack({ dataDir, ports: 'free', web: false, say, signal })
try {
  const { stage } = await setStage(stack)
  if (values.flip)
    await stage.sandbox.addFault({
      vendor: 'elevenlabs',
      on: 'socket',
      path: '/v1/convai/conversation',
      action: { type: 'flip', frame: 2 },
    })
  const wanted = (story: DemoStory) => !values.only || story.name.includes(values.only)
  await Promise.all(together.filter(wanted).map((story) => run(story, stage)))
  for (const story of [...alone, ...outboundStories, agentChanges, testedEdit].filter(wanted))
    await run(story, stage)
  const report = await verifyInvariants(stack.environment)
  for (const { check, subject, problem } of report.findings)
    broken.push(`verify: ${check}: ${subject}: ${problem}`)
} finally {
  await stack.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

say('')
for (const line of broken) say(`BROKEN  ${line}`)
say(`${told} stories told, ${broken.length} promises broken`)
process.exitCode = broken.length > 0 || told === 0 ? 1 : 0

async function run(story: DemoStory, stage: Stage): Promise<void> {
  let done: Told | undefined
  try {
    done = await story.run(stage)
    told++
    say(`\n== ${story.name}\n\n${tell(done.story)}`)
  } catch (error) {
    broken.push(`${story.name}: ${error instanceof Error ? error.message : String(error)}`)
    say(`\n== ${story.name}\n\n  not as promised: ${broken.at(-1)}`)
  }
}
