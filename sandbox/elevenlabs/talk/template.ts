import type { Json } from '../json.ts'

const PLACEHOLDER = /\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}/g

export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '')
}

/** Fills {{name}}; a secret never reaches what is said or prompted. */
export function fill(text: string, variables: Json): string {
  return text.replace(PLACEHOLDER, (whole, name: string) =>
    name.startsWith('secret__') || !(name in variables) ? whole : String(variables[name]),
  )
}
