import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { matrix, permissions, roles } from '#api/contract/permissions.ts'
import { describeMatrix } from '#api/http/matrix.ts'
import { describedRoutes } from './api-routes.ts'
import { readSources, type SourceFile } from './tidy.ts'

/** The pages that are written from the code. `node scripts/docs.ts` writes them; `npm run check` compares. */
export async function generatedPages(): Promise<{ file: string; text: string }[]> {
  const pages = [
    { file: 'docs/errors.md', text: errorsPage(readSources()) },
    { file: 'docs/permissions.md', text: await permissionsPage() },
  ]
  return pages.map(({ file, text }) => ({ file, text: formatted(file, text) }))
}

/** As the formatter wants it, or `npm run check` would ask for what the next writing undoes. */
function formatted(file: string, text: string): string {
  const biome = path.join(ROOT, 'node_modules/@biomejs/biome/bin/biome')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [biome, 'format', `--stdin-file-path=${file}`],
    { cwd: ROOT, input: text, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${file} could not be formatted: ${stderr}`)
  return stdout
}

const ROOT = path.dirname(import.meta.dirname)

export async function stalePages(): Promise<string[]> {
  const pages = await generatedPages()
  return pages.filter(({ file, text }) => readIfThere(file) !== text).map(({ file }) => file)
}

type Refusal = { code: string; status: number; message: string }

/** Every refusal the product's code can make; a code means one status wherever it is made. */
export function refusalsIn(files: readonly SourceFile[]): Refusal[] {
  const found = new Map<string, Refusal>()
  // The kernel's own words come first where others make the same refusal.
  const ordered = files.toSorted((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1))
  for (const { path: name, text } of ordered) {
    if (!/^(api|db|voice)\//.test(name) || /(\.test|testing)\.ts$/.test(name)) continue
    const made = text.matchAll(
      /new DomainError\(\s*'([\w.-]+)',\s*(\d{3}),\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"|`([^`]*)`|\w+)/g,
    )
    for (const [, code = '', status, ...spellings] of made) {
      const message = spellings.find((spelling) => spelling !== undefined) ?? 'Says what is wrong.'
      const refusal = { code, status: Number(status), message: readable(message) }
      const known = found.get(code)
      if (known && known.status !== refusal.status)
        throw new Error(`${code} is answered with ${known.status} and with ${refusal.status}`)
      found.set(code, known ?? refusal)
    }
  }
  return [...found.values()].sort((a, b) => (a.code < b.code ? -1 : 1))
}

const rank = ({ path: name }: SourceFile): number => (name.startsWith('api/core/') ? 0 : 1)

const readable = (message: string): string =>
  message.replaceAll(/\$\{(?:[^{}]*\.)?(\w+)[^{}]*\}/g, '<$1>').replaceAll("\\'", "'")

const errorsPage = (files: readonly SourceFile[]): string => `# Errors

Written from the code by \`node scripts/docs.ts\`; \`npm run check\` fails when it is out of date.

A refusal is answered as \`application/problem+json\` (RFC 9457) with \`type\`, \`title\`, \`status\`, \`detail\`, \`code\`
and \`requestId\`; a refused input also has \`errors\`, a list of \`path\` and \`message\`. The code is a promise, the
text is for people and may change. A 429 or 503 says in \`Retry-After\` when to try again. An id of another
organization is answered exactly like one that does not exist.

| code | status | detail |
|---|---|---|
${refusalsIn(files)
  .map(
    ({ code, status, message }) =>
      `| \`${code}\` | ${status} | ${message.replaceAll('|', '\\|')} |`,
  )
  .join('\n')}
`

async function permissionsPage(): Promise<string> {
  const { operations } = describeMatrix((await describedRoutes()).routes)
  const head = `| ${roles.join(' | ')} |`
  const line = `|${'---|'.repeat(roles.length)}`
  const held = permissions.map(
    (permission) =>
      `| \`${permission}\` | ${roles.map((role) => (matrix[role].includes(permission) ? 'x' : '')).join(' | ')} |`,
  )
  const guarded = operations.map((described) => {
    const decisions = roles.map((role) => SHOWN[described.roles[role] ?? 'deny'])
    const limits = [
      described.whilePaused === 'deny' ? '' : 'x',
      described.whileArchived === 'deny' ? '' : 'x',
      code(described.keyPermission),
      code(described.feature),
    ]
    return `| ${[code(described.operation), code(described.permission), ...decisions, ...limits].join(' | ')} |`
  })
  return `# Permissions

Written from the code by \`node scripts/docs.ts\`; \`npm run check\` fails when it is out of date. The guard, the
console, the OpenAPI document and the tests read the same data.

## Who holds what

| permission ${head}
|---${line}
${held.join('\n')}

## Who may call what

\`x\` may, \`own\` may and sees the own rows only. \`anyone\` needs no session, \`signed in\` needs no role. A vendor's
webhook is let in by its signature and is not listed. A member of a paused or archived organization may what is marked
there; the platform's people act from outside. An API key needs the permission of its column, nothing else lets it in. A
switched-off feature refuses its operations to everybody inside.

| operation | permission ${head} paused | archived | API key | feature |
|---|---${line}---|---|---|---|
${guarded.join('\n')}
`
}

const code = (text: string | null): string => (text === null ? '' : `\`${text}\``)

const SHOWN = { allow: 'x', 'own-only': 'own', deny: '' } as const

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(path.join(ROOT, file), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

if (import.meta.main) {
  mkdirSync(path.join(ROOT, 'docs'), { recursive: true })
  for (const { file, text } of await generatedPages()) {
    writeFileSync(path.join(ROOT, file), text)
    console.log(`wrote ${file}`)
  }
}
