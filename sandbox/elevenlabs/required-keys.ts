import { readFileSync } from 'node:fs'
import { isObject } from './json.ts'

/** What the vendor's published description requires of an answer: see fixtures/required-keys.json. */
export type Requirement = {
  required?: string[]
  properties?: Record<string, Requirement>
  items?: Requirement
}

export function requirements(): Record<string, Requirement> {
  const file = new URL('./fixtures/required-keys.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Paths that are required and absent. Null stands for an absent optional object. */
export function missingKeys(value: unknown, requirement: Requirement, path = ''): string[] {
  if (requirement.items) {
    const { items } = requirement
    if (!Array.isArray(value)) return value === null || value === undefined ? [] : [`${path}[]`]
    return value.flatMap((item, n) => missingKeys(item, items, `${path}[${n}]`))
  }
  if (!isObject(value)) return value === null || value === undefined ? [] : [`${path}{}`]
  const missing = (requirement.required ?? []).filter((key) => !(key in value))
  const below = Object.entries(requirement.properties ?? {}).flatMap(([key, child]) =>
    missingKeys(value[key], child, `${path}.${key}`),
  )
  return [...missing.map((key) => `${path}.${key}`), ...below]
}
