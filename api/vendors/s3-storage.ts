import type { ObjectStore } from '#api/core/vendors.ts'
import { asking } from './asking.ts'
import { type Breaker, unguarded } from './breakers.ts'
import { NoAnswer } from './exchange.ts'
import { refused, unanswered } from './failure.ts'
import { segmentsOf } from './object-key.ts'
import { encode, type S3Credentials, signedHeaders } from './s3-signature.ts'

const ANSWER_MS = 10_000 // THREATS B7, up to the first byte: how long a body takes depends on its reader
const PUT_MS = 120_000 // a recording of four hours over a slow line
const NOT_FOUND = 404
const RANGE_NOT_SATISFIABLE = 416
const PAGE = 1_000 // the most a store lists at once

export type S3Options = {
  /** `https://host/bucket`; the bucket stands in the path, which every S3-compatible store takes. */
  bucketUrl: URL
  credentials: S3Credentials
}

/** Reads `STORAGE_URL`: `https://KEY:SECRET@host/bucket?region=r`, or `s3://KEY:SECRET@bucket?region=r` for AWS. */
export function s3Options(storageUrl: string): S3Options {
  const url = new URL(storageUrl)
  const region = url.searchParams.get('region') ?? 'us-east-1'
  const bucketUrl =
    url.protocol === 's3:'
      ? new URL(`https://s3.${region}.amazonaws.com/${url.host}`)
      : new URL(url.pathname.replace(/\/+$/, ''), url.origin)
  if (bucketUrl.pathname === '/') throw new Error('STORAGE_URL names no bucket')
  if (!url.username || !url.password)
    throw new Error('STORAGE_URL needs an access key and its secret before the host')
  return {
    bucketUrl,
    credentials: {
      accessKeyId: decodeURIComponent(url.username),
      secretAccessKey: decodeURIComponent(url.password),
      region,
    },
  }
}

/** Objects in an S3-compatible bucket. */
export function s3Storage(
  { bucketUrl, credentials }: S3Options,
  breaker: Breaker = unguarded,
): ObjectStore {
  const urlOf = (key: string) =>
    new URL(`${bucketUrl.href}/${segmentsOf(key).map(encode).join('/')}`)

  async function ask(
    operation: string,
    method: 'GET' | 'PUT' | 'DELETE',
    url: URL,
    more: { headers?: Record<string, string>; body?: Uint8Array; waitMs?: number } = {},
  ): Promise<Response> {
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), more.waitMs ?? ANSWER_MS)
    try {
      return await fetch(url, {
        method,
        headers: signedHeaders({ method, url, ...more }, credentials, new Date()),
        redirect: 'error',
        signal: deadline.signal,
        // A view of shared memory cannot be sent, and none of ours is one.
        ...(more.body && { body: more.body as Uint8Array<ArrayBuffer> }),
      })
    } catch (error) {
      throw unanswered('storage', operation, whyUnanswered(error))
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    async put(key, bytes, contentType) {
      const headers = { 'content-type': contentType }
      await asking(breaker, 'put', true, async () => {
        const answer = await ask('put', 'PUT', urlOf(key), { headers, body: bytes, waitMs: PUT_MS })
        await accept('put', answer)
      })
    },

    async get(key, range) {
      const headers: Record<string, string> = range
        ? { range: `bytes=${range.start}-${range.end}` }
        : {}
      return asking(breaker, 'get', true, async () => {
        const answer = await ask('get', 'GET', urlOf(key), { headers })
        if (answer.status === NOT_FOUND) return drained(answer, null)
        if (answer.status === RANGE_NOT_SATISFIABLE)
          return drained(answer, { stream: empty(), sizeBytes: totalOf(answer) })
        if (!answer.ok || !answer.body) return accept('get', answer).then(() => null)
        return { stream: answer.body, sizeBytes: totalOf(answer) }
      })
    },

    async delete(key) {
      await asking(breaker, 'delete', true, async () => {
        await accept('delete', await ask('delete', 'DELETE', urlOf(key)), NOT_FOUND)
      })
    },

    async *list(prefix) {
      let continuation: string | undefined
      do {
        const url = new URL(bucketUrl)
        url.searchParams.set('list-type', '2')
        url.searchParams.set('max-keys', String(PAGE))
        if (prefix) url.searchParams.set('prefix', prefix)
        if (continuation) url.searchParams.set('continuation-token', continuation)
        const page = await asking(breaker, 'list', true, async () => {
          const answer = await ask('list', 'GET', url)
          if (!answer.ok) await accept('list', answer)
          return answer.text()
        })
        for (const [, entry = ''] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs))
          yield {
            key: textOf(entry, 'Key') ?? '',
            sizeBytes: Number(textOf(entry, 'Size') ?? 0),
            storedAt: new Date(textOf(entry, 'LastModified') ?? 0),
          }
        continuation =
          textOf(page, 'IsTruncated') === 'true' ? textOf(page, 'NextContinuationToken') : undefined
      } while (continuation)
    },
  }
}

/** `fetch` says little: our own deadline, a fault of the connection, or a redirect, which is not followed. */
function whyUnanswered(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (error.name === 'AbortError') return new NoAnswer('timeout', true, error)
  const isOfTheWire = error.cause instanceof Error && 'code' in error.cause
  return isOfTheWire ? new NoAnswer('broken', true, error) : error
}

/** Lets the connection go back to the pool, and throws unless the status is a success. */
async function accept(operation: string, answer: Response, alsoFine?: number): Promise<void> {
  const text = await answer.text()
  if (answer.ok || answer.status === alsoFine) return
  throw refused('storage', operation, answer.status, textOf(text, 'Code'))
}

async function drained<T>(answer: Response, result: T): Promise<T> {
  await answer.body?.cancel()
  return result
}

/** Of the whole object: `content-range: bytes 0-9/100`, else what this answer holds. */
function totalOf(answer: Response): number {
  const range = answer.headers.get('content-range')?.split('/')[1]
  return Number(range ?? answer.headers.get('content-length') ?? 0)
}

const empty = (): ReadableStream<Uint8Array> => new Blob([]).stream()

/** One element of the store's flat XML; our keys hold no character that XML escapes. */
const textOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
