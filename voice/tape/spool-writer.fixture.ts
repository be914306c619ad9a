import { systemClock } from '../clock.ts'
import { tapeKind } from './format.ts'
import { Spool } from './spool.ts'

// Writes records until it is killed, saying after each flush how many are on the disk for certain.
const spool = await Spool.open({
  dir: process.argv[2]!,
  gateway: 'g1',
  clock: systemClock,
  onError: (error) => {
    throw error
  },
})
const call = spool.call('a')
const MAX_RECORDS = 1_000_000 // the test kills us long before
for (let written = 0; written < MAX_RECORDS; ) {
  for (let index = 0; index < 50; index++, written++)
    call.write(tapeKind.agentIn, written % 65_536, performance.now() * 1_000, Buffer.alloc(300))
  await spool.flush()
  process.stdout.write(`${written}\n`)
}
