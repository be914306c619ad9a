import type { FastifyRequest } from 'fastify'

/** The fields of an upload; an empty form when the body is none. */
export async function formOf(request: FastifyRequest): Promise<FormData> {
  const type = request.headers['content-type'] ?? ''
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const response = new Response(new Uint8Array(bytes), { headers: { 'content-type': type } })
  try {
    return await response.formData()
  } catch (error) {
    if (error instanceof TypeError) return new FormData() // not multipart, or cut short
    throw error
  }
}
