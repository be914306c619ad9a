import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gatewaySockets } from '#api/contract/gateway.ts'
import { describeMatrix } from '#api/http/matrix.ts'
import { describeApi } from '#api/http/openapi.ts'
import { describedRoutes } from './api-routes.ts'
import { defaultDataDir } from './foreground.ts'
import { gatewayRoutes } from './gateway-routes.ts'

/** `npm run inspect <what>`: one JSON document on standard output (THREATS Z1, Z2, Z3, Z6). */
const subjects: Record<string, () => Promise<unknown>> = {
  async openapi() {
    const { routes, config } = await describedRoutes()
    return describeApi(routes, config)
  },
  routes: mountedRoutes,
  async matrix() {
    return describeMatrix((await describedRoutes()).routes)
  },
  async processes() {
    return JSON.parse(readFileSync(path.join(defaultDataDir(), 'processes.json'), 'utf8'))
  },
}

/** Every HTTP and socket route that is mounted, by process. */
export async function mountedRoutes() {
  const { routes } = await describedRoutes()
  const sockets = gatewaySockets.map((socket) => socket.path)
  const isSocket = (mounted: string) => sockets.some((socket) => socket === mounted)
  return [
    ...routes.map((route) =>
      'endpoint' in route
        ? {
            process: 'api',
            kind: 'http',
            method: route.endpoint.method,
            path: route.endpoint.path,
            permission: route.endpoint.permission,
          }
        : {
            process: 'api',
            kind: 'webhook',
            method: 'POST',
            path: route.webhook.path,
            permission: `signature of ${route.webhook.vendor}`,
          },
    ),
    ...(await gatewayRoutes())
      // Fastify answers HEAD wherever it answers GET.
      .filter(({ method }) => method !== 'HEAD')
      .map(({ method, path: mounted }) => ({
        process: 'voice',
        kind: isSocket(mounted) ? 'socket' : method === 'POST' ? 'webhook' : 'http',
        method,
        path: mounted,
      })),
  ]
}

if (import.meta.main) {
  const [subject = ''] = process.argv.slice(2)
  const inspect = subjects[subject]
  if (inspect) console.log(JSON.stringify(await inspect(), null, 2))
  else {
    console.error(`Say what to inspect: ${Object.keys(subjects).join(', ')}.`)
    process.exitCode = 2
  }
}
