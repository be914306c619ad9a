import { expect, test } from 'vitest'
import { handWoundClock } from './clock.ts'
import { holdClose } from './held-socket.ts'
import type { WireSocket } from './socket.ts'

function aSocket() {
  const closed: number[] = []
  const nothing = () => undefined
  const socket: WireSocket = {
    headroom: 0,
    send: nothing,
    cork: nothing,
    uncork: nothing,
    bufferedBytes: () => 0,
    close: (code) => void closed.push(code),
    ping: nothing,
    onMessage: nothing,
    onClose: nothing,
    onPong: nothing,
  }
  return { socket, closed }
}

test('a close waits until it is let go, and happens once', () => {
  const clock = handWoundClock()
  const { socket, closed } = aSocket()
  const held = holdClose(socket, clock, 2_000)
  held.close(1000)
  held.close(1011)
  expect(closed).toEqual([])
  held.letGo()
  clock.advance(5_000)
  expect(closed).toEqual([1000])
})

test('a close that nobody lets go happens at the end of its time', () => {
  const clock = handWoundClock()
  const { socket, closed } = aSocket()
  holdClose(socket, clock, 2_000).close(1000)
  clock.advance(1_999)
  expect(closed).toEqual([])
  clock.advance(1)
  expect(closed).toEqual([1000])
})

test('a socket that was let go before closes at once', () => {
  const { socket, closed } = aSocket()
  const held = holdClose(socket, handWoundClock(), 2_000)
  held.letGo()
  expect(closed).toEqual([])
  held.close(1000)
  expect(closed).toEqual([1000])
})
