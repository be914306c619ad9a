import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLogger } from '#api/core/log.ts'
import { Archivist, spoolFolder, tapeLabel } from './archivist.ts'
import { handWoundClock } from './clock.ts'
import { tapeKind } from './tape/format.ts'
import { Spool } from './tape/spool.ts'

const call = {
  organizationId: '00000000-0000-7000-8000-000000000001',
  callId: '00000000-0000-7000-8000-000000000002',
}
const fixture = pathToFileURL(path.join(import.meta.dirname, 'archivist-child.fixture.ts'))

let root: string
let spool: Spool
let archivist: Archivist
const polls = handWoundClock()
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'archivist-'))
  // Its clock stands still: nothing comes to the disk that nobody asks for.
  const dir = spoolFolder(path.join(root, 'spool'), 'g1')
  spool = await Spool.open({ dir, gateway: 'g1', clock: handWoundClock(), onError: () => {} })
})
afterEach(async () => {
  await archivist.stop()
  await spool.close()
  await rm(root, { recursive: true, force: true })
})

async function begin(answers: string[]): Promise<void> {
  const program = path.join(root, 'archiver.mjs')
  await writeFile(
    program,
    `import { answerAsArchiver } from ${JSON.stringify(fixture.href)}
    answerAsArchiver(${JSON.stringify(answers)}, ${JSON.stringify(root)})`,
  )
  const log = createLogger({ name: 'test', level: 'silent' })
  archivist = new Archivist({ root: path.join(root, 'spool'), spool, clock: polls, log, program })
}

function answered(): string[] {
  const file = path.join(root, 'answers')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
}

function stream(records: number): void {
  const tape = spool.call(tapeLabel(call))
  for (let index = 0; index < records; index++) tape.write(tapeKind.agentIn, index, index)
  tape.end()
  archivist.callOver(call)
}

const windUntil = (isSo: () => boolean) =>
  vi.waitUntil(
    () => {
      polls.advance(100)
      return isSo()
    },
    { timeout: 15_000 },
  )

test('a call that came back to this gateway is recorded to its last block', async () => {
  await begin(['later', 'later'])
  stream(3)
  await vi.waitUntil(() => answered().length > 0, { timeout: 15_000 })
  stream(4)
  await windUntil(() => archivist.waiting === 0)
  expect(answered()).toEqual(['later', 'later', 'settled', '7'])
})

test('what is written while it is asked whether the call is settled is recorded as well', async () => {
  await begin([])
  stream(2)
  // Asked for already; the answer comes later than this.
  spool.call(tapeLabel(call)).write(tapeKind.agentIn, 9, 9)
  await windUntil(() => archivist.waiting === 0)
  expect(answered()).toEqual(['settled', '3'])
})
