import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { FastifyInstance } from 'fastify'

const FOLDER = new URL('./public/', import.meta.url)

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

// Nothing from elsewhere is ever loaded; a mail's html is shown in a frame of its own.
const POLICY =
  "default-src 'self'; connect-src 'self' ws: wss:; frame-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The three pages and what they load: plain files, read anew for each request, so an edit shows on reload. */
export function pageRoutes(app: FastifyInstance): void {
  const pages = { '/': 'softphone.html', '/inbox': 'inbox.html', '/events': 'events.html' }
  for (const [path, file] of Object.entries(pages)) serve(app, path, file)
  for (const file of readdirSync(FOLDER)) if (types[extname(file)]) serve(app, `/${file}`, file)
}

function serve(app: FastifyInstance, path: string, file: string): void {
  app.get(path, async (_request, reply) =>
    reply
      .type(types[extname(file)] ?? 'application/octet-stream')
      .headers({
        'content-security-policy': POLICY,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
      .send(readFileSync(new URL(file, FOLDER))),
  )
}
