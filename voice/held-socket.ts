import type { Clock } from './clock.ts'
import type { WireSocket } from './socket.ts'

/**
 * A socket whose close waits to be let go, for a bounded time: what its close sets off elsewhere must find the
 * database in the state that the close follows from.
 */
export type HeldSocket = WireSocket & {
  /** Closes now if a close was asked for, and from now on at once. */
  letGo(): void
}

export function holdClose(socket: WireSocket, clock: Clock, longestMs: number): HeldSocket {
  let asked: { code: number; reason: string | undefined } | null = null
  let isFree = false
  const letGo = () => {
    isFree = true
    if (asked) socket.close(asked.code, asked.reason)
    asked = null
  }
  return {
    headroom: socket.headroom,
    send: (frame) => socket.send(frame),
    cork: () => socket.cork(),
    uncork: () => socket.uncork(),
    bufferedBytes: () => socket.bufferedBytes(),
    close(code, reason) {
      if (isFree) return socket.close(code, reason)
      if (asked) return
      asked = { code, reason }
      clock.after(longestMs, letGo)
    },
    ping: () => socket.ping(),
    onMessage: (listener) => socket.onMessage(listener),
    onClose: (listener) => socket.onClose(listener),
    onPong: (listener) => socket.onPong(listener),
    letGo,
  }
}
