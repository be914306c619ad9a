import { expect, test } from 'vitest'
import { anId } from '../../../testing/factories.ts'
import { TestCall, type TestCallParts } from './test-call.ts'

const address = {
  organizationId: anId(9),
  callId: anId(1),
  mediaUrl: 'ws://gateway.test',
  streamToken: 'token',
  expiresAt: new Date(),
}

function aCallOf(parts: Partial<TestCallParts>) {
  const given: string[] = []
  const call = new TestCall('voice', {
    start: async () => address,
    stateNow: async () => 'authorized',
    createTicket: async () => ({ url: 'ws://gateway.test' }),
    giveUp: async (callId) => given.push(callId),
    ...parts,
  })
  return { call, given }
}

test('a microphone that is given after hanging up is let go, and nothing is started', async () => {
  const asked = Promise.withResolvers<void>()
  let isOpen = false
  let starts = 0
  const { call } = aCallOf({
    async openPhone() {
      await asked.promise
      isOpen = true
      const nothing = () => undefined
      return { play: nothing, mark: nothing, clear: nothing, close: () => void (isOpen = false) }
    },
    async start() {
      starts += 1
      return address
    },
  })
  const starting = call.start()
  call.hangUp()
  asked.resolve()
  await starting
  expect({ isOpen, starts }).toEqual({ isOpen: false, starts: 0 })
})

test('a call that comes to be after hanging up is given up', async () => {
  const asked = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const nothing = () => undefined
  const { call, given } = aCallOf({
    openPhone: async () => ({ play: nothing, mark: nothing, clear: nothing, close: nothing }),
    async start() {
      reached.resolve()
      await asked.promise
      return address
    },
  })
  const starting = call.start()
  await reached.promise
  call.hangUp()
  expect(given).toEqual([])
  asked.resolve()
  await starting
  expect(given).toEqual([address.callId])
})
