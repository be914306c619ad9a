type Lock = {
  packages: Record<string, { optionalDependencies?: Record<string, string>; dev?: boolean }>
}
type Missing = { name: string; version: string; dev: boolean }

export function missingFrom(lock: Lock): Missing[]
export function entryOf(missing: Missing): Record<string, unknown>
