import { spawn } from 'node:child_process'
import path from 'node:path'
import type { Page } from '../passages.ts'
import { MAX_TEXT_BYTES, parsed, Unreadable } from './parsed.ts'

// THREATS X-upload. The heap alone bounds no buffers, so the data segment is bounded too.
const HEAP_MIB = 256
const DATA_SEGMENT_KIB = 512 * 1024
// V8 sets this much address space aside for code and never fills it, yet the limit counts it.
const CODE_RANGE_KIB = 512 * 1024
const WALL_MS = 20_000
const AT_ONCE = 2
const MAX_ANSWER_BYTES = 4 * MAX_TEXT_BYTES // JSON may write a character as six bytes; more is no honest answer

const CHILD = path.join(import.meta.dirname, 'child.ts')

let running = 0
const waiting: (() => void)[] = []

/**
 * The text of a document, read in a process of its own under limits and with nothing in its environment. Throws
 * `Unreadable` with the reason; a crash or a limit is one.
 */
export async function parseDocument(
  mediaType: string,
  bytes: Uint8Array,
  limits: { wallMs?: number } = {},
): Promise<Page[]> {
  await enter()
  try {
    return await parseInChild(mediaType, bytes, limits.wallMs ?? WALL_MS)
  } finally {
    leave()
  }
}

async function parseInChild(mediaType: string, bytes: Uint8Array, wallMs: number): Promise<Page[]> {
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      `ulimit -d ${DATA_SEGMENT_KIB + CODE_RANGE_KIB}; exec "$0" --max-old-space-size=${HEAP_MIB} "$1" "$2"`,
      process.execPath,
      CHILD,
      mediaType,
    ],
    { stdio: ['pipe', 'pipe', 'ignore'], env: {}, cwd: '/' },
  )
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, wallMs)
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const parts: Buffer[] = []
  let sizeBytes = 0
  child.stdout.on('data', (part: Buffer) => {
    sizeBytes += part.length
    if (sizeBytes > MAX_ANSWER_BYTES) child.kill('SIGKILL')
    else parts.push(part)
  })
  // A child that dies early breaks the pipe; its end says why.
  child.stdin.on('error', () => child.kill('SIGKILL'))
  child.once('error', reject)
  child.once('close', (code) => {
    if (isLate) reject(new Unreadable('too_slow'))
    else if (code !== 0 || sizeBytes > MAX_ANSWER_BYTES) reject(new Unreadable('too_heavy'))
    else resolve(Buffer.concat(parts))
  })
  child.stdin.end(bytes)
  try {
    return pagesIn(await promise)
  } finally {
    clearTimeout(timer)
  }
}

function pagesIn(answer: Buffer): Page[] {
  const read = parsed.safeParse(parseJson(answer.toString()))
  if (!read.success) throw new Unreadable('damaged')
  if ('reason' in read.data) throw new Unreadable(read.data.reason)
  return read.data.pages
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Two at a time in this process; the others wait in line. */
async function enter(): Promise<void> {
  if (running < AT_ONCE) running++
  else await new Promise<void>((resolve) => waiting.push(resolve))
}

function leave(): void {
  const next = waiting.shift()
  if (next) next()
  else running--
}
