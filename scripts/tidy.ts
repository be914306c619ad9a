import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** What the import graph and the compiler cannot see, checked on the text. */
export type SourceFile = { path: string; text: string }
export type Untidy = { path: string; line: number; problem: string }

const REPOSITORY = path.dirname(import.meta.dirname)
const FOLDERS = '{api,bench,db,e2e,sandbox,scripts,voice,web}'

export function readSources(root = REPOSITORY): SourceFile[] {
  return globSync(`${FOLDERS}/**/*.{ts,tsx,mjs}`, {
    cwd: root,
    exclude: (name) => ['node_modules', '.next', 'fixtures'].includes(path.basename(name)),
  }).map((file) => ({
    path: file.split(path.sep).join('/'),
    text: readFileSync(path.join(root, file), 'utf8'),
  }))
}

export const checkTidy = (files: readonly SourceFile[]): Untidy[] => [
  ...findForeignWrites(files),
  ...findEnvironmentReads(files),
  ...findUnservedEndpoints(files),
  ...findLeftovers(files),
]

const QUERIES = /^api\/(?:domains|core)\/([\w-]+)\/(?:.+\/)?(?:[\w-]+-)?queries\.ts$/

/** A `queries.ts` inserts into, updates and deletes from tables of its own domain only. */
export function findForeignWrites(files: readonly SourceFile[]): Untidy[] {
  const owners = tableOwners(files)
  return files.flatMap((file) => {
    const own = QUERIES.exec(file.path)?.[1]
    if (!own) return []
    const writes = [
      ...file.text.matchAll(/\.(?:insert|update|delete)\(\s*(\w+)\s*\)/g),
      ...file.text.matchAll(/\b(?:insert\s+into|update|delete\s+from)\s+(?:only\s+)?([a-z_]+)\b/gi),
    ]
    return writes.flatMap((write) => {
      const owner = owners.get(importedName(file.text, write[1] ?? ''))
      if (!owner || owner === own) return []
      const problem = `writes ${write[1]}, a table of ${owner}; ask ${owner}'s service instead`
      return [at(file, write.index, problem)]
    })
  })
}

// The console's build constant and the scripts that start processes, whose environment it is.
const MAY_READ_ENVIRONMENT = [
  /(^|\/)config\.ts$/,
  /\.config\.\w+$/,
  /^(scripts|bench)\//,
  /(\.test|testing)\.tsx?$/,
]

/** The environment is read in configuration files alone; the rest is handed values. */
export function findEnvironmentReads(files: readonly SourceFile[]): Untidy[] {
  return files
    .filter(({ path: name }) => !MAY_READ_ENVIRONMENT.some((allowed) => allowed.test(name)))
    .flatMap((file) =>
      [...file.text.matchAll(/process\.env\b(?!\.NODE_ENV\b)/g)].map((match) =>
        at(file, match.index, 'reads process.env; take the value from the configuration'),
      ),
    )
}

/** An endpoint that a contract promises is served by its domain's `routes.ts`. */
export function findUnservedEndpoints(files: readonly SourceFile[]): Untidy[] {
  return files.flatMap((file) => {
    const domain = /^api\/domains\/([\w-]+)\/contract\.ts$/.exec(file.path)?.[1]
    if (!domain) return []
    const routes = files.find((other) => other.path === `api/domains/${domain}/routes.ts`)
    return [...file.text.matchAll(/^export const (\w+) = endpoint\(/gm)].flatMap((match) => {
      const served = new RegExp(
        `\\bserve(?:Bytes|Claimed|Upload)?\\(\\s*app,\\s*(?:\\w+\\.)?${match[1]}\\b`,
      )
      if (routes && served.test(routes.text)) return []
      return [at(file, match.index, `${match[1]} is promised but no route serves it`)]
    })
  })
}

const LEFTOVERS: [RegExp, string][] = [
  [/catch\s*(?:\(\w+\))?\s*\{\s*\}/g, 'swallows an error'],
  [/\.catch\(\(\)\s*=>\s*\{\s*\}\)/g, 'swallows a rejection'],
  [/\b(?:TODO|FIXME|XXX)\b/g, 'leaves a note that should be an issue'],
  [/@ts-(?:ignore|nocheck|expect-error)\b/g, 'silences the compiler'],
  [/\b(?:describe|test|it)\.only\(/g, 'runs one test and hides the others'],
]

export function findLeftovers(files: readonly SourceFile[]): Untidy[] {
  return files
    .filter(({ path: name }) => !/^scripts\/tidy(\.test)?\.ts$/.test(name))
    .flatMap((file) =>
      LEFTOVERS.flatMap(([pattern, problem]) =>
        [...file.text.matchAll(pattern)].map((match) => at(file, match.index, problem)),
      ),
    )
}

/** Both names of every table, the constant's and the database's, with the schema file that declares it. */
function tableOwners(files: readonly SourceFile[]): Map<string, string> {
  const owners = new Map<string, string>()
  for (const { path: name, text } of files) {
    const domain = /^db\/schema\/([\w-]+)\.ts$/.exec(name)?.[1]
    if (!domain) continue
    const declared = text.matchAll(/export const (\w+) = pgTable(?:\.withRLS)?\(\s*'(\w+)'/g)
    for (const [, constant, table] of declared) {
      if (constant) owners.set(constant, domain)
      if (table) owners.set(table, domain)
    }
  }
  return owners
}

/** The name a table was exported under, where the file imports it as another. */
const importedName = (text: string, local: string): string =>
  new RegExp(`\\b(\\w+) as ${local}\\b`).exec(text)?.[1] ?? local

const at = (file: SourceFile, index: number, problem: string): Untidy => ({
  path: file.path,
  line: file.text.slice(0, index).split('\n').length,
  problem,
})
