import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** What direct writes begin at and fill: no disk in use has larger sectors, and few have smaller pages. */
export const PAGE_BYTES = 4_096
const MEMORY_PAGE_BYTES = 65_536
// Where the system has no such thing the file is written as any other.
const DIRECT = constants.O_DIRECT ?? 0

// Of the platform's types only browsers' have it.
declare const WebAssembly: {
  Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
}

/** Memory that begins at a page, as the memory of WebAssembly does: JavaScript cannot ask for it otherwise. */
export function alignedBytes(bytes: number): Buffer {
  const pages = Math.ceil(bytes / MEMORY_PAGE_BYTES)
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages })
  return Buffer.from(buffer, 0, bytes)
}

/**
 * Begins a file whose writes go from our memory to the disk, past the system's cache: nobody reads a spool soon, and
 * new pages for the cache cost more than all else a tape does (ten times the write itself where a hypervisor has to
 * find them). All that is written, the head too, is whole pages of `alignedBytes` at whole pages.
 */
export async function beginDirect(path: string, head: Buffer): Promise<FileHandle> {
  const bytes = alignedBytes(head.length)
  head.copy(bytes)
  try {
    return await beginWith(DIRECT, path, bytes)
  } catch (error) {
    // File systems without direct writes, and disks with larger sectors.
    if (DIRECT !== 0 && isInvalid(error)) return await beginWith(0, path, bytes)
    throw error
  }
}

async function beginWith(flag: number, path: string, bytes: Buffer): Promise<FileHandle> {
  const { O_CREAT, O_TRUNC, O_WRONLY } = constants
  const handle = await open(path, O_CREAT | O_TRUNC | O_WRONLY | flag)
  try {
    await writeAll(handle, bytes, 0)
    return handle
  } catch (error) {
    // A file without its head cannot be read: it is begun anew.
    await handle.close()
    throw error
  }
}

export async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    if (bytesWritten === 0) throw new Error('The disk took nothing')
    done += bytesWritten
  }
}

const isInvalid = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EINVAL'
