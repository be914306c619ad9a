export type Difference = { path: string; before?: unknown; after?: unknown }

type Item = { [key: string]: unknown }

/** Where two values differ, as deep as objects and lists go; a text differs as a whole. */
export function differencesOf(before: unknown, after: unknown, path = ''): Difference[] {
  if (Array.isArray(before) && Array.isArray(after)) {
    const places = Array.from({ length: Math.max(before.length, after.length) }, (_, place) =>
      String(place),
    )
    return among(places, { ...before }, { ...after }, path)
  }
  if (isItem(before) && isItem(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return among(keys, before, after, path)
  }
  if (Object.is(before, after)) return []
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }]
}

const among = (keys: string[], before: Item, after: Item, path: string): Difference[] =>
  keys.flatMap((key) =>
    differencesOf(before[key], after[key], path === '' ? key : `${path}.${key}`),
  )

const isItem = (value: unknown): value is Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
