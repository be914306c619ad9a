import { constants } from 'node:fs'
import { type FileHandle, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { alignedBytes, beginDirect, PAGE_BYTES, writeAll } from './direct-file.ts'
import { diskError, everyFile } from './disk-testing.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'direct-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(dir, { recursive: true, force: true })
})

const aHead = () => Buffer.alloc(PAGE_BYTES, 'h')
const aPage = () => alignedBytes(PAGE_BYTES).fill('p')

async function isDirect(handle: FileHandle): Promise<boolean> {
  const info = await readFile(`/proc/self/fdinfo/${handle.fd}`, 'utf8')
  const flags = Number.parseInt(info.match(/flags:\s+([0-7]+)/)?.[1] ?? '', 8)
  return (flags & constants.O_DIRECT) !== 0
}

/** Whether the folder's file system has direct writes at all. */
async function hasDirect(): Promise<boolean> {
  const { O_CREAT, O_DIRECT, O_WRONLY } = constants
  const handle = await open(join(dir, 'probe'), O_CREAT | O_WRONLY | O_DIRECT).catch(() => null)
  await handle?.close()
  return handle !== null
}

test('memory begins at a page: the disk takes it from there', async () => {
  for (const bytes of [PAGE_BYTES, 3 * PAGE_BYTES, 1_048_576]) {
    const handle = await beginDirect(join(dir, 'file'), aHead())
    const memory = alignedBytes(bytes).fill('p')
    expect(memory).toHaveLength(bytes)
    await writeAll(handle, memory, PAGE_BYTES)
    await handle.close()
    expect(await readFile(join(dir, 'file'))).toEqual(Buffer.concat([aHead(), memory]))
  }
})

test.runIf(process.platform === 'linux')(
  'a file goes past the cache where its system has that',
  async () => {
    const handle = await beginDirect(join(dir, 'file'), aHead())
    expect(await isDirect(handle)).toBe(await hasDirect())
    await handle.close()
  },
)

test('a file system that refuses direct writes gets the usual ones, from the beginning', async () => {
  vi.spyOn(await everyFile(dir), 'write').mockRejectedValueOnce(diskError('EINVAL'))
  const handle = await beginDirect(join(dir, 'file'), aHead())
  if (process.platform === 'linux') expect(await isDirect(handle)).toBe(false)
  await writeAll(handle, aPage(), PAGE_BYTES)
  await handle.close()
  expect(await readFile(join(dir, 'file'))).toEqual(Buffer.concat([aHead(), aPage()]))
})

test('a disk that is full is not asked again in another way', async () => {
  const write = vi.spyOn(await everyFile(dir), 'write').mockRejectedValue(diskError('ENOSPC'))
  await expect(beginDirect(join(dir, 'file'), aHead())).rejects.toThrow('ENOSPC')
  expect(write).toHaveBeenCalledTimes(1)
})
