/** As it is stored: little-endian float32. */
export const bytesOf = (vector: Float32Array): Buffer =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)

/** A view is not enough: a pooled buffer may begin where no float can. */
export const vectorOf = (bytes: Uint8Array): Float32Array =>
  new Float32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
  )

/** One bit a component, its sign: near vectors share most of them. */
export function signatureOf(vector: Float32Array): string {
  let bits = ''
  for (const component of vector) bits += component > 0 ? '1' : '0'
  return bits
}

/** Of two normalised vectors. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
