import { join } from 'node:path'
import { migrate } from '../db/migrate.ts'
import { prepareDatabase } from '../db/roles.ts'
import { readOptions } from './arguments.ts'
import { defaultDataDir, readEnvFile } from './foreground.ts'
import { postgresUnit } from './postgres-unit.ts'
import { readRunning } from './running.ts'
import { Supervisor } from './supervisor.ts'

/**
 * `npm run migrate`: the database of DATABASE_OWNER_URL, else of the stack that runs, else our own. With
 * DATABASE_ADMIN_URL, a login that may make roles, the database and its three roles are made first, with
 * the names and passwords of the other three URLs.
 */
readOptions({})
readEnvFile()
if (process.env.DATABASE_ADMIN_URL) await prepare(process.env.DATABASE_ADMIN_URL)
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

async function prepare(adminUrl: string): Promise<void> {
  const urlIn = (name: string): URL => {
    const text = process.env[name]
    if (!text) throw new Error(`With DATABASE_ADMIN_URL set, ${name} is needed too.`)
    return new URL(text)
  }
  const passwordIn = (name: string) => decodeURIComponent(urlIn(name).password)
  await prepareDatabase(adminUrl, urlIn('DATABASE_OWNER_URL').pathname.slice(1), {
    owner: passwordIn('DATABASE_OWNER_URL'),
    app: passwordIn('DATABASE_URL'),
    platform: passwordIn('DATABASE_PLATFORM_URL'),
  })
}
