import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { testDatabase } from '#db/testing.ts'
import { FULL, seed } from './api-seed.ts'

const t = await testDatabase()
const seeded = await seed(t, FULL)
const [a] = await t.query<{ p: string; d: string }>(
  'admin',
  `select current_setting('port') as p, current_database() as d`,
)
writeFileSync('/tmp/plan/measure-scratch/held.json', JSON.stringify({ urls: t.urls, seeded, ...a }))
console.log('held', seeded)
process.once('SIGTERM', () => void t.close().then(() => process.exit(0)))
for (;;) await sleep(1000)
