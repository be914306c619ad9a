import { open } from 'node:fs/promises'
import path from 'node:path'

/** What all open files share, so that a test can make the disk fail. */
export async function everyFile(dir: string) {
  const probe = await open(path.join(dir, 'probe'), 'w')
  await probe.close()
  return Object.getPrototypeOf(probe) as typeof probe
}

export const diskError = (code: 'EINVAL' | 'EIO' | 'ENOSPC') =>
  Object.assign(new Error(code), { code })
