import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'

// What a running stack tells other commands of the same machine. It holds the sandbox's secrets and the
// database's passwords, so only its owner may read it.
const MODE = 0o600
const stored = z.object({ pid: z.int(), environment: z.record(z.string(), z.string()) })

const fileIn = (dataDir: string) => join(dataDir, 'running.json')

export function tellRunning(dataDir: string, environment: Record<string, string>): void {
  mkdirSync(dirname(fileIn(dataDir)), { recursive: true })
  rmSync(fileIn(dataDir), { force: true })
  writeFileSync(fileIn(dataDir), JSON.stringify({ pid: process.pid, environment }), { mode: MODE })
}

export const forgetRunning = (dataDir: string): void => rmSync(fileIn(dataDir), { force: true })

/** The environment of the stack that runs in this folder; undefined when none does. */
export function readRunning(dataDir: string): Record<string, string> | undefined {
  const file = fileIn(dataDir)
  if (!existsSync(file)) return undefined
  const { pid, environment } = stored.parse(JSON.parse(readFileSync(file, 'utf8')))
  return isAlive(pid) ? environment : undefined
}

/** A process that was killed outright leaves its file behind. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return true
    return false
  }
}
