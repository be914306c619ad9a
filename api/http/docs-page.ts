import { createHash } from 'node:crypto'
import type { OpenApiDocument } from './openapi.ts'

type Operation = OpenApiDocument['paths'][string][string]
type Parameter = { name: string; in: string; required: boolean; schema: object }

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
code,pre{font:13px/1.45 ui-monospace,monospace}pre{overflow:auto;background:#f4f4f5;padding:.75rem;border-radius:6px}
section{border-top:1px solid #ddd;padding:.75rem 0}h3{margin:0}h3 b{display:inline-block;min-width:4.5rem}
table{border-collapse:collapse}td,th{text-align:left;padding:.15rem 1rem .15rem 0;vertical-align:top}
@media(prefers-color-scheme:dark){body{color:#e4e4e7;background:#18181b}pre{background:#27272a}a{color:#93c5fd}}`

/** The only thing the page loads is its own style, named by its hash: no script runs on it. */
export const docsPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'`

/** The document as a page for people, whole in itself. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const tags = [...new Set(operations.map(({ operation }) => tagOf(operation)))].toSorted()
  const chapters = tags.map((tag) => {
    const own = operations.filter(({ operation }) => tagOf(operation) === tag)
    const sections = own.map(({ path, method, operation }) => sectionOf(path, method, operation))
    return `<h2 id="${escaped(tag)}">${escaped(tag)}</h2>${sections.join('')}`
  })
  const contents = tags.map((tag) => `<a href="#${escaped(tag)}">${escaped(tag)}</a>`).join(' · ')
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>VoxCalls API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head><body>
<h1>VoxCalls API</h1><p>${escaped(String(document.info.description))} The same as data:
<a href="/openapi.json">/openapi.json</a>.</p><p>Sign in with <code>Authorization: Bearer</code> and a session token or an
API key.</p><nav>${contents}</nav>${chapters.join('')}</body></html>`
}

function sectionOf(path: string, method: string, operation: Operation): string {
  const parameters = operation.parameters as Parameter[]
  const facts: [string, unknown][] = [
    ['permission', operation['x-permission']],
    ['API key', operation['x-key-permission'] ?? (operation.security ? 'no' : '')],
    ['feature', operation['x-feature']],
    ['answers', Object.keys(operation.responses as object).join(' ')],
  ]
  const rows = facts
    .filter(([, value]) => value)
    .map(
      ([name, value]) => `<tr><th>${name}</th><td><code>${escaped(String(value))}</code></td></tr>`,
    )
  const taken = parameters.map(
    ({ name, in: place, required, schema }) =>
      `<tr><td><code>${escaped(name)}</code></td><td>${place}${required ? ', required' : ''}</td><td><code>${escaped(JSON.stringify(schema))}</code></td></tr>`,
  )
  return `<section id="${escaped(String(operation.operationId))}"><h3><b>${method.toUpperCase()}</b> <code>${escaped(path)}</code></h3>
<p>${escaped(String(operation.summary))}</p><table>${rows.join('')}</table>
${taken.length > 0 ? `<table>${taken.join('')}</table>` : ''}
${details('Body', operation.requestBody)}${details('Answer', successOf(operation))}</section>`
}

const details = (title: string, part: unknown): string =>
  part
    ? `<details><summary>${title}</summary><pre>${escaped(JSON.stringify(part, null, 2))}</pre></details>`
    : ''

const successOf = (operation: Operation): unknown =>
  Object.entries(operation.responses as Record<string, { content?: unknown }>).find(([status]) =>
    status.startsWith('2'),
  )?.[1].content

const tagOf = (operation: Operation): string => (operation.tags as string[])[0] ?? ''

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
