import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { VendorError } from '#api/core/errors.ts'
import type { ObjectStore } from '#api/core/vendors.ts'
import { segmentsOf } from './object-key.ts'

const UNFINISHED = '.part-'

/** Objects as files of one folder. A reader sees a whole object or none, also after a crash. */
export function localStorage(folder: string): ObjectStore {
  const fileOf = (key: string): string => path.join(folder, ...segmentsOf(key))

  return {
    async put(key, bytes) {
      const file = fileOf(key)
      const unfinished = path.join(path.dirname(file), `${UNFINISHED}${randomUUID()}`)
      try {
        await mkdir(path.dirname(file), { recursive: true })
        await writeDurably(unfinished, bytes)
        await rename(unfinished, file)
        await syncFolder(path.dirname(file))
      } catch (error) {
        await rm(unfinished, { force: true })
        throw failure('put', error)
      }
    },

    async get(key, range) {
      const file = fileOf(key)
      const found = await statOrNull(file)
      if (!found?.isFile()) return null
      const bytes = createReadStream(file, range ? { start: range.start, end: range.end } : {})
      return {
        stream: Readable.toWeb(bytes) as ReadableStream<Uint8Array>,
        sizeBytes: found.size,
      }
    },

    async delete(key) {
      await rm(fileOf(key), { force: true })
    },

    async *list(prefix) {
      yield* walk(folder, '', prefix)
    },
  }
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The rename itself is durable only when the folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* walk(
  root: string,
  below: string,
  prefix: string,
): AsyncGenerator<{ key: string; sizeBytes: number; storedAt: Date }> {
  for (const entry of await entriesOf(path.join(root, below))) {
    const key = below ? `${below}/${entry.name}` : entry.name
    // A folder is entered when it lies on the way to the prefix or under it.
    if (entry.isDirectory()) {
      if (prefix.startsWith(`${key}/`) || `${key}/`.startsWith(prefix))
        yield* walk(root, key, prefix)
    } else if (key.startsWith(prefix) && !entry.name.startsWith(UNFINISHED)) {
      const found = await statOrNull(path.join(root, key))
      if (found) yield { key, sizeBytes: found.size, storedAt: found.mtime }
    }
  }
}

async function entriesOf(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if (isMissing(error)) return []
    throw failure('list', error)
  }
}

async function statOrNull(file: string) {
  try {
    return await stat(file)
  } catch (error) {
    if (isMissing(error)) return null
    throw failure('get', error)
  }
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? error.code : undefined
const isMissing = (error: unknown) => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'

/** A full disk passes when somebody makes room; the caller keeps what it has and tries again (F11). */
const failure = (operation: string, error: unknown) =>
  new VendorError('storage', operation, { retryable: true, cause: error })
