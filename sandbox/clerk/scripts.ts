import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

const require = createRequire(import.meta.url)

const folders = {
  'clerk-js': dirname(require.resolve('@clerk/clerk-js')),
  ui: join(dirname(require.resolve('@clerk/ui/package.json')), 'dist'),
}
const params = z.object({ package: z.string(), '*': z.string() })

/** Clerk's own browser bundles, served from the installed packages under the paths of its CDN. */
export async function scriptRoutes(app: FastifyInstance): Promise<void> {
  const files = new Map<string, string>()
  for (const [name, folder] of Object.entries(folders))
    for (const file of await readdir(folder))
      if (file.endsWith('.js')) files.set(`${name}/${file}`, join(folder, file))

  app.get(
    '/npm/@clerk/:package/dist/*',
    { config: { isStaticFile: true } },
    async (request, reply) => {
      const asked = params.parse(request.params)
      const name = asked.package.split('@')[0] ?? ''
      const file = files.get(`${name}/${basename(asked['*'])}`)
      if (!file) return reply.code(404).type('text/plain').send('')
      return reply
        .header('cache-control', 'public, max-age=31536000')
        .type('application/javascript')
        .send(createReadStream(file))
    },
  )
}
