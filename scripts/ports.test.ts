import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePorts, portsFrom, takenPorts, usualPorts } from './ports.ts'

test('a variable moves its own port and no other', () => {
  expect(portsFrom({ API_PORT: '4001', WEB_PORT: '' })).toEqual({ ...usualPorts, api: 4001 })
})

test('a port that is none is refused by its name', () => {
  for (const text of ['80a', '0', '70000', '3.5'])
    expect(() => portsFrom({ API_PORT: text })).toThrow(/API_PORT must be a port/)
})

test('a port that no browser connects to is refused, and fetch agrees', async () => {
  expect(() => portsFrom({ SANDBOX_CONTROL_PORT: '6000' })).toThrow(/browsers refuse/)
  await expect(fetch('http://127.0.0.1:6000/')).rejects.toMatchObject({
    cause: { message: 'bad port' },
  })
})

test('a taken port is told with the variable that moves it', async () => {
  const ports = await freePorts()
  const server = createServer().listen(ports.api, '127.0.0.1')
  await once(server, 'listening')
  expect(await takenPorts(ports, ['web', 'api', 'worker'])).toEqual([
    `Port ${ports.api} (api) is taken; set API_PORT to move it.`,
  ])
  server.close()
  await once(server, 'close')
  expect(await takenPorts(ports, ['web', 'api', 'worker'])).toEqual([])
})

test('free ports are all different', async () => {
  const ports = Object.values(await freePorts())
  expect(new Set(ports).size).toBe(Object.keys(usualPorts).length)
})
