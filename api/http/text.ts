import type { FastifyRequest } from 'fastify'
import { invalidRequest } from '#api/core/errors.ts'

const MAX_DEPTH = 20 // no declared input is deeper than four

/** NUL and lone surrogates are refused before any schema sees them: Postgres stores neither (THREATS 8). */
export async function refuseUnstorableText(request: FastifyRequest): Promise<void> {
  for (const [part, value] of [
    ['params', request.params],
    ['query', request.query],
    ['body', request.body],
  ] as const) {
    if (Buffer.isBuffer(value)) continue
    const path = findUnstorable(value, part, 0)
    if (path)
      throw invalidRequest('Some fields are not valid.', [
        { path, message: 'holds characters that cannot be stored, or is nested too deep' },
      ])
  }
}

function findUnstorable(value: unknown, path: string, depth: number): string | null {
  if (typeof value === 'string') return isStorable(value) ? null : path
  if (typeof value !== 'object' || value === null) return null
  if (depth >= MAX_DEPTH) return path
  for (const [name, item] of Object.entries(value)) {
    if (!isStorable(name)) return path
    const found = findUnstorable(item, `${path}.${name}`, depth + 1)
    if (found) return found
  }
  return null
}

const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0')
