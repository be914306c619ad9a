export const NEEDED_MAJOR: number
export function staleness(folder: string): string | undefined
export function stamp(folder: string): void
export function isStamped(folder: string): boolean
export function findNode(
  folder: string,
  own?: { version: string; execPath: string },
): string | undefined
