import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { gatewaySockets, gatewayWebhooks } from '#api/contract/gateway.ts'
import { routesIn } from './gateway-routes.ts'
import { mountedRoutes } from './inspect.ts'

const MAX_BYTES = 16 * 2 ** 20 // the document alone is more than a megabyte

const inspect = (subject: string) =>
  promisify(execFile)(process.execPath, [path.join(import.meta.dirname, 'inspect.ts'), subject], {
    maxBuffer: MAX_BYTES,
  })

test('a gateway mounts its declared webhooks and sockets, its probes, and nothing else', async () => {
  const mounted = (await mountedRoutes()).filter(({ process: name }) => name === 'voice')
  const declared = [
    ...gatewayWebhooks.map((webhook) => `POST ${webhook.path}`),
    ...gatewaySockets.map((socket) => `GET ${socket.path}`),
    ...['/livez', '/readyz', '/metrics'].map((probe) => `GET ${probe}`),
  ]
  expect(mounted.map((route) => `${route.method} ${route.path}`).toSorted()).toEqual(
    declared.toSorted(),
  )
})

test.each(['openapi', 'routes', 'matrix'])(
  'inspect %s prints one JSON document with nothing running',
  async (subject) => {
    const { stdout } = await inspect(subject)
    expect(JSON.stringify(JSON.parse(stdout)).length).toBeGreaterThan(500)
  },
)

test('the printed document and the printed routes agree', async () => {
  const [document, routes] = await Promise.all(
    ['openapi', 'routes'].map(async (subject) => JSON.parse((await inspect(subject)).stdout)),
  )
  const described = Object.keys(document.paths).map((name) => name.replaceAll(/\{(\w+)\}/g, ':$1'))
  const sockets = document['x-sockets'].map((socket: { path: string }) => socket.path)
  const mounted = new Set(routes.map((route: { path: string }) => route.path))
  expect([...mounted].toSorted()).toEqual([...described, ...sockets].toSorted())
})

test('an unknown subject says what there is and exits with 2', async () => {
  await expect(inspect('nothing')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('openapi, routes, matrix, processes'),
  })
})

test('a drawn tree is read with the paths its branches share', () => {
  const tree = '├── /live (GET, HEAD)\n│   └── z (GET)\n└── /a (POST)\n    └── /:id (GET)\n'
  expect(routesIn(tree)).toEqual([
    { method: 'GET', path: '/live' },
    { method: 'HEAD', path: '/live' },
    { method: 'GET', path: '/livez' },
    { method: 'POST', path: '/a' },
    { method: 'GET', path: '/a/:id' },
  ])
})
