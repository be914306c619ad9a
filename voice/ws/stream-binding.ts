/**
 * What Node's own sockets use to read and write without a stream: a turn of the tick queue, a request and a callback for
 * every write are a tenth of what a frame costs. Undefined where Node does not give it away; then the streams do it.
 */
export type StreamBinding = {
  WriteWrap: new () => WriteRequest
  streamBaseState: Int32Array
  kLastWriteWasAsync: number
  kReadBytesOrError: number
}
export type WriteRequest = {
  oncomplete: (status: number) => void
  /** Kept until the kernel has taken it. */
  buffer?: Buffer
}
export type StreamHandle = {
  writeBuffer(request: WriteRequest, bytes: Buffer): number
  onread: (this: StreamHandle, bytes: ArrayBuffer | undefined) => unknown
}

export const streamBinding: StreamBinding | undefined = find()

function find(): StreamBinding | undefined {
  const { binding } = process as unknown as { binding?: (name: string) => unknown }
  try {
    const found = binding?.('stream_wrap') as Partial<StreamBinding> | undefined
    const isThere =
      typeof found?.WriteWrap === 'function' &&
      found.streamBaseState instanceof Int32Array &&
      typeof found.kLastWriteWasAsync === 'number' &&
      typeof found.kReadBytesOrError === 'number'
    return isThere ? (found as StreamBinding) : undefined
  } catch {
    // Node was told to refuse what it is going to take away: streams work as well, only dearer.
    return undefined
  }
}
