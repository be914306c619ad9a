/**
 * A text's bytes in memory of their own, for what lives as long as a call. Node cuts small buffers out of slabs of 64 KiB,
 * and a slab lives as long as the last of them.
 */
export function lastingBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}
