import { createHealth } from '#api/core/health.ts'
import { createMetrics } from '#api/core/metrics.ts'
import { buildOwnApp, buildTwilioApp, type VoiceDeps } from '../voice/app.ts'
import { absent } from './api-routes.ts'

export type Mounted = { method: string; path: string }

/** What a gateway mounts on its two ports, read from the servers themselves. */
export async function gatewayRoutes(): Promise<Mounted[]> {
  const metrics = createMetrics('inspect')
  const deps: VoiceDeps = {
    ctx: absent('context'),
    clock: absent('clock'),
    gateway: absent('gateway'),
    notices: absent('notices'),
    config: {
      twilio: { accountSid: 'AC', authToken: 'none', baseUrl: null },
      publicVoiceUrl: 'http://127.0.0.1:3002',
      mediaSockets: 'library',
      publicWebUrl: 'http://localhost:3000',
    },
    metrics,
    health: createHealth({ name: 'inspect', checks: {}, metrics, metricsToken: null }),
  }
  const mounted: Mounted[] = []
  for (const app of [await buildTwilioApp(deps), await buildOwnApp(deps)]) {
    await app.ready()
    mounted.push(...routesIn(app.printRoutes({ commonPrefix: false })))
    await app.close()
  }
  metrics.stop()
  return mounted
}

const BRANCH_WIDTH = 4 // each level of the drawn tree is indented by so many characters

/** Fastify tells its routes only as a drawn tree; a line's path goes on from the line it hangs under. */
export function routesIn(tree: string): Mounted[] {
  const stems: string[] = []
  return tree.split('\n').flatMap((line) => {
    const drawn = /^(.*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/.exec(line)
    if (!drawn) return []
    const [, indent = '', part = '', methods] = drawn
    const depth = indent.length / BRANCH_WIDTH
    const path = `${stems[depth - 1] ?? ''}${part}`
    stems[depth] = path
    return (methods?.split(', ') ?? []).map((method) => ({ method, path }))
  })
}
