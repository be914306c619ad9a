import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { DATABASE_NAME, startEmbedded, stopLeftover } from './embedded.ts'
import { migrate } from './migrate.ts'

// A process of its own: keeps one throwaway server for one test run and ends with it, however that run ends.

const OWNER_POLL_MS = 100 // how long a server may outlive its tests

const [dir, ownerPid] = [process.argv[2], Number(process.argv[3])]
if (!dir || !ownerPid) throw new Error('usage: testing-server.ts <dir> <pid of the test run>')

await sweep(path.dirname(dir))
const server = await startEmbedded(dir, { throwaway: true })
try {
  await migrate(server.urls.owner)
  await closeTemplate(server.adminUrl)
  const told = path.join(dir, 'server.json')
  fs.writeFileSync(
    `${told}.new`,
    JSON.stringify({ urls: server.urls, adminUrl: server.adminUrl }),
    {
      mode: 0o600,
    },
  )
  fs.renameSync(`${told}.new`, told)
  while (isAlive(ownerPid)) await sleep(OWNER_POLL_MS)
  fs.rmSync(`${dir}.log`, { force: true })
} finally {
  await server.stop()
  fs.rmSync(dir, { recursive: true, force: true })
}

/** A template with an open connection cannot be copied, so nobody may connect to it again. */
async function closeTemplate(adminUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  try {
    await admin.query(
      `alter database ${DATABASE_NAME} with allow_connections false is_template true`,
    )
  } finally {
    await admin.end()
  }
}

/** What a killed keeper left behind: its server still runs, its folder is still there. */
async function sweep(parent: string): Promise<void> {
  for (const name of fs.readdirSync(parent)) {
    if (!/^\d+$/.test(name) || isAlive(Number(name))) continue
    const left = path.join(parent, name)
    await stopLeftover(left)
    fs.rmSync(left, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
