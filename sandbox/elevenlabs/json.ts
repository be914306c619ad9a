export type Json = { [key: string]: unknown }

const MAX_DEPTH = 40 // an agent's configuration is about eight deep; more is an attack on the stack

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is found by walking the keys, or undefined. */
export function read(from: unknown, ...path: string[]): unknown {
  let at = from
  for (const key of path) {
    if (!isObject(at)) return undefined
    at = at[key]
  }
  return at
}

export function readObject(from: unknown, ...path: string[]): Json {
  const found = read(from, ...path)
  return isObject(found) ? found : {}
}

export function readText(from: unknown, ...path: string[]): string {
  const found = read(from, ...path)
  return typeof found === 'string' ? found : ''
}

export function readNumber(fallback: number, from: unknown, ...path: string[]): number {
  const found = read(from, ...path)
  return typeof found === 'number' ? found : fallback
}

export function readList(from: unknown, ...path: string[]): unknown[] {
  const found = read(from, ...path)
  return Array.isArray(found) ? found : []
}

export function readTexts(from: unknown, ...path: string[]): string[] {
  return readList(from, ...path).filter((item) => typeof item === 'string')
}

/** Objects merge key by key, everything else (lists and null included) replaces. */
export function merged(base: Json, change: Json, depth = 0): Json {
  if (depth > MAX_DEPTH) throw new RangeError(`more than ${MAX_DEPTH} levels`)
  const result: Json = { ...base }
  for (const [key, value] of Object.entries(change)) {
    if (key === '__proto__' || value === undefined) continue
    const before = base[key]
    result[key] =
      isObject(value) && isObject(before)
        ? merged(before, value, depth + 1)
        : structuredClone(value)
  }
  return result
}
