import { join } from 'node:path'
import { migrate } from '../db/migrate.ts'
import { defaultDataDir, readEnvFile } from './foreground.ts'
import { postgresUnit } from './postgres-unit.ts'
import { readRunning } from './running.ts'
import { Supervisor } from './supervisor.ts'

/** `npm run migrate`: the database of DATABASE_OWNER_URL, else of the stack that runs, else our own. */
readEnvFile()
const dataDir = defaultDataDir()
const ownerUrl = process.env.DATABASE_OWNER_URL ?? readRunning(dataDir)?.DATABASE_OWNER_URL
if (ownerUrl) await migrate(ownerUrl)
else {
  const supervisor = new Supervisor({ tableFile: join(dataDir, 'processes.json') })
  const postgres = postgresUnit(dataDir, (line) => console.error(line))
  try {
    await supervisor.start(postgres.unit)
    await migrate(postgres.urls().owner)
  } finally {
    await supervisor.stop()
  }
}
console.log('The schema is up to date.')
