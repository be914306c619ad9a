import { takeRoom } from './ws/frame-room.ts'

/**
 * What a bridge needs of a socket. One listener of each sort: setting one replaces the one before, so that the
 * gate can hand a socket on to the bridge. `send` and `ping` do nothing on a socket that is closing.
 */
export type WireSocket = {
  /** Bytes that every buffer given to `send` keeps free at its front, for the codec's frame head. */
  readonly headroom: number
  /** Takes the buffer over: the codec may write its head into it and mask the text in place. */
  send(frame: Buffer): void
  /** Frames sent between these two may leave together: one system call instead of two. */
  cork(): void
  uncork(): void
  bufferedBytes(): number
  close(code: number, reason?: string): void
  ping(): void
  onMessage(listener: (data: Buffer, isBinary: boolean) => void): void
  onClose(listener: (code: number) => void): void
  onPong(listener: () => void): void
}

/** A close seen without a close frame (RFC 6455 section 7.1.5). */
export const ABNORMAL_CLOSE = 1006

/** Text as a buffer that `socket.send` may take over. */
export function framed(socket: WireSocket, text: string): Buffer {
  const frame = takeRoom(socket.headroom + Buffer.byteLength(text))
  frame.write(text, socket.headroom)
  return frame
}

/** `head` + `source[start, end)` + `tail` as a buffer that `socket.send` may take over: the one copy of a frame. */
export function framedAround(
  socket: WireSocket,
  head: Buffer,
  source: Buffer,
  start: number,
  end: number,
  tail: Buffer,
): Buffer {
  const from = socket.headroom + head.length
  const to = from + end - start
  const frame = takeRoom(to + tail.length)
  // A call into `copy` costs more than a short loop.
  for (let index = 0; index < head.length; index++) frame[socket.headroom + index] = head[index]!
  source.copy(frame, from, start, end)
  for (let index = 0; index < tail.length; index++) frame[to + index] = tail[index]!
  return frame
}
