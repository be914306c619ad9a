import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { buildConsole } from '../scripts/console-build.ts'
import type { Bench, Row } from './wallet.ts'

const ROOT = path.join(import.meta.dirname, '..')
const NEXT = path.join(ROOT, 'web', '.next')
const LIST_KB = 300
const LARGER_KB = 400
// What has charts, a waveform or a form from the start.
const LARGER = new Set([
  '/agents/[agentId]',
  '/calls/[callId]',
  '/numbers/[phoneNumberId]',
  '/numbers/import',
  '/wallet',
])
const NOT_SCREENS = new Set(['/_not-found', '/_global-error', '/dev/ui', '/livez'])

/**
 * What a browser runs before a screen stands: the scripts its page names, gzipped. Code that is asked for later
 * (dialogs, menus, charts) is not in it, nor Clerk's own script, which comes from Clerk. The baseline is a page with
 * nothing on it: what React, Next and Clerk's side of the sign-in cost.
 */
export const benches: Bench[] = [{ name: 'first-load', run: measureFirstLoad }]

async function measureFirstLoad(): Promise<Row[]> {
  await buildConsole(ROOT, process.env)
  const { rootMainFiles } = read('build-manifest.json', z.object({ rootMainFiles: files }))
  const routes = Object.entries(
    read('app-path-routes-manifest.json', z.record(z.string(), z.string())),
  )
  const scripts = new Map(
    routes.flatMap(([entry, route]) => {
      const own = scriptsOf(entry)
      return own ? [[route, new Set([...rootMainFiles, ...own])]] : []
    }),
  )
  const baseline = kilobytes(scripts.get('/_not-found') ?? new Set(rootMainFiles))
  return [...scripts]
    .filter(([route]) => !NOT_SCREENS.has(route))
    .map(([route, names]) => {
      const value = kilobytes(names)
      const limit = LARGER.has(route) ? LARGER_KB : LIST_KB
      return {
        name: `${route}, first-load JS`,
        value,
        unit: 'kB gzip',
        baseline,
        ratio: value / baseline,
        goal: `<= ${limit} kB`,
        met: value <= limit,
      }
    })
    .toSorted((a, b) => b.value - a.value)
}

const files = z.array(z.string())

/** Of the route's layouts and its page; undefined for a route that draws nothing. */
function scriptsOf(entry: string): string[] | undefined {
  const file = path.join('server', 'app', `${entry}_client-reference-manifest.js`)
  if (!existsSync(path.join(NEXT, file))) return undefined
  // `globalThis.__RSC_MANIFEST["/entry"] = {…};` is how Next hands it to itself.
  const [, json] = readFileSync(path.join(NEXT, file), 'utf8').split(`"${entry}"] = `)
  const manifest = z
    .object({ entryJSFiles: z.record(z.string(), files) })
    .parse(JSON.parse((json ?? '').trim().replace(/;$/, '')))
  return Object.values(manifest.entryJSFiles).flat()
}

const read = <Shape>(file: string, shape: z.ZodType<Shape>): Shape =>
  shape.parse(JSON.parse(readFileSync(path.join(NEXT, file), 'utf8')))

const sizes = new Map<string, number>()
function kilobytes(names: ReadonlySet<string>): number {
  let bytes = 0
  for (const name of names) {
    const size = sizes.get(name) ?? gzipSync(readFileSync(path.join(NEXT, name))).length
    sizes.set(name, size)
    bytes += size
  }
  return bytes / 1000
}
