import { appendFile } from 'node:fs/promises'
import path from 'node:path'
import { archiveAnswer, archiveRequest, segmentsBelow } from './archivist.ts'
import { splitCall } from './tape/split.ts'

/** Stands in for the archiver: gives these answers in turn, and notes each, or how long the tape it was to render is. */
export function answerAsArchiver(answers: string[], folder: string): void {
  const note = (line: string | number) => appendFile(path.join(folder, 'answers'), `${line}\n`)
  process.on('message', async (message) => {
    const asked = archiveRequest.parse(message)
    const outcome = asked.isWhole ? 'stored' : (answers.shift() ?? 'settled')
    const target = path.join(folder, 'call.out')
    if (asked.isWhole) {
      const files = await segmentsBelow(asked.spoolRoot)
      const split = await splitCall({ files, callId: asked.label, target })
      await note(split?.records ?? 0)
    } else await note(outcome)
    process.send?.(archiveAnswer.parse({ label: asked.label, outcome }))
  })
  process.on('disconnect', () => process.exit(0))
}
