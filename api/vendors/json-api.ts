import type { z } from 'zod'
import { asking } from './asking.ts'
import { type Breaker, unguarded } from './breakers.ts'
import { type Answer, type ExchangeLimits, exchange, usualLimits } from './exchange.ts'
import { refused, unanswered } from './failure.ts'

export type JsonCall = {
  /** For logs and errors: `create-agent`. */
  operation: string
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  query?: Record<string, string | number | boolean | undefined>
  body?: object
  /** Creations are never repeated blindly: a lost answer may hide a success (THREATS F17). */
  repeatable: boolean
  limits?: Partial<ExchangeLimits>
}

export type JsonApi = {
  /** The parsed answer. */
  call<S extends z.ZodType>(asked: JsonCall, schema: S): Promise<z.output<S>>
  /** The same, with null where the vendor knows no such thing. */
  find<S extends z.ZodType>(asked: JsonCall, schema: S): Promise<z.output<S> | null>
  bytes(asked: JsonCall): Promise<Buffer>
}

const NOT_FOUND = 404

/** A vendor that speaks JSON over HTTP, at one base URL with one set of credentials. */
export function jsonApi(vendor: {
  name: string
  baseUrl: string
  headers: Record<string, string>
  errorCode(body: unknown): string | undefined
  /** The vendor's sentence, where its refusals are shown to people. */
  errorWords?(body: unknown): string | undefined
  breaker?: Breaker
}): JsonApi {
  const { breaker = unguarded } = vendor
  async function once(asked: JsonCall): Promise<Answer> {
    const url = new URL(vendor.baseUrl + asked.path)
    for (const [name, value] of Object.entries(asked.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    const sent = {
      method: asked.method,
      url,
      headers: {
        accept: 'application/json',
        'user-agent': 'voxcalls',
        ...(asked.body && { 'content-type': 'application/json' }),
        ...vendor.headers,
      },
      ...(asked.body && { body: JSON.stringify(asked.body) }),
    }
    try {
      return await exchange(sent, { ...usualLimits, ...asked.limits })
    } catch (error) {
      throw unanswered(vendor.name, asked.operation, error)
    }
  }

  function ask(asked: JsonCall, accepts: (status: number) => boolean): Promise<Answer> {
    return asking(breaker, asked.operation, asked.repeatable, async () => {
      const answer = await once(asked)
      if (accepts(answer.status)) return answer
      const body = tryJson(answer.body)
      const words = vendor.errorWords?.(body)
      throw refused(vendor.name, asked.operation, answer.status, vendor.errorCode(body), words)
    })
  }

  function parse<S extends z.ZodType>(asked: JsonCall, schema: S, answer: Answer): z.output<S> {
    const parsed = schema.safeParse(tryJson(answer.body))
    if (parsed.success) return parsed.data
    // Which fields are wrong, without what stood in them.
    const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')
    throw unanswered(vendor.name, asked.operation, new Error(`unexpected answer: ${fields}`))
  }

  return {
    async call(asked, schema) {
      return parse(asked, schema, await ask(asked, isSuccess))
    },
    async find(asked, schema) {
      const answer = await ask(asked, (status) => isSuccess(status) || status === NOT_FOUND)
      return answer.status === NOT_FOUND ? null : parse(asked, schema, answer)
    },
    async bytes(asked) {
      return (await ask(asked, isSuccess)).body
    },
  }
}

const isSuccess = (status: number) => status >= 200 && status < 300

/** An answer that is no JSON (a proxy's error page) has nothing to tell. */
function tryJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
