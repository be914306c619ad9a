import type { IncomingMessage, Server } from 'node:http'
import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import type { Logger } from '#api/core/log.ts'
import { isUpgradeSignedByTwilio } from '#api/vendors/twilio-webhooks.ts'
import type { VoiceDeps } from './app.ts'
import type { WireSocket } from './socket.ts'
import type { TwilioStart } from './twilio/frames.ts'
import { MESSAGE_BYTES, openGate, type Verdict } from './twilio/gate.ts'
import { acceptUpgrade, refuseUpgrade } from './ws/accept.ts'
import { fromWs } from './ws/library.ts'

const MAX_FRAGMENTS = 16 // THREATS X-ws
const MAX_UNSTARTED = 500 // THREATS X-ws: sockets without a `start`, in this process
const MAX_UNSTARTED_PER_ADDRESS = 50
const UUID_CHARS = 36 // what calls itself a call's id is logged no further

/**
 * Who may knock where: Twilio with a call of the platform's account or of a tenant's own, or a browser of the console
 * that is the caller itself.
 */
const DOORS = {
  '/twilio/media': 'carrier',
  '/twilio/own-media': 'own carrier',
  '/test-media': 'browser',
} as const
type Path = keyof typeof DOORS
const PATHS = Object.keys(DOORS) as Path[]
const isPath = (text: string): text is Path => text in DOORS

type Deps = Pick<VoiceDeps, 'clock' | 'config'> & {
  gateway: Pick<VoiceDeps['gateway'], 'verifyStream' | 'openStream' | 'dropStream'> & {
    carriers: Pick<VoiceDeps['gateway']['carriers'], 'find'>
  }
  ctx: { log: Pick<Logger, 'error'> }
  refused(check: string): void
}

/** Whose socket it is, as far as it has said so. */
class Caller {
  callId: string | undefined
}

/** Lets media sockets in: signed by Twilio or from the console, not too many at once, then through the gate. */
export class MediaDoor {
  readonly #deps: Deps
  readonly #unstarted = new Map<string, number>()
  #unstartedCount = 0

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** The status an upgrade is refused with; null where it may come in. */
  refusal(request: IncomingMessage, path: Path): 403 | 503 | null {
    const { refused } = this.#deps
    const isBrowser = DOORS[path] === 'browser'
    if (!(isBrowser ? this.#isFromConsole(request) : this.#maySign(request, path))) {
      refused(isBrowser ? 'media_origin' : 'media_signature')
      return 403
    }
    const fromHere = this.#unstarted.get(addressOf(request)) ?? 0
    if (this.#unstartedCount < MAX_UNSTARTED && fromHere < MAX_UNSTARTED_PER_ADDRESS) return null
    refused('media_crowd')
    return 503
  }

  /** Our own fault, told once for a socket with the call it was for (THREATS 12). */
  failed(error: unknown, { callId }: Caller): void {
    this.#deps.ctx.log.error({ err: error, callId }, 'a media socket failed by our own fault')
  }

  open(socket: WireSocket, request: IncomingMessage, path: Path, caller = new Caller()): void {
    const { clock, gateway, refused } = this.#deps
    const started = this.#countUnstarted(addressOf(request))
    openGate({
      socket,
      clock,
      verify: (start) => {
        caller.callId = start.start.customParameters.callId?.slice(0, UUID_CHARS)
        return this.#verify(request, path, start)
      },
      admitted: (start) => {
        started()
        return gateway.openStream(start, socket)
      },
      refused: (why, start, cause) => {
        started()
        if (cause !== undefined) this.failed(cause, caller)
        if (why !== 'closed') refused(`media_${why}`)
        // What took us too long is no fault of the caller, who is still there.
        if (start) gateway.dropStream(start, { mayGoOn: why === 'verify_failed' })
      },
    })
  }

  /** Which tenant's account signed is known from `start` only, so until then its signature just has to be there. */
  #maySign(request: IncomingMessage, path: Path): boolean {
    if (DOORS[path] === 'own carrier') return signatureOf(request) !== undefined
    return this.#isSigned(request, path, this.#deps.config.twilio.authToken)
  }

  #isSigned(request: IncomingMessage, path: Path, authToken: string): boolean {
    const url = `${this.#deps.config.publicVoiceUrl}${path}`
    return isUpgradeSignedByTwilio(authToken, signatureOf(request), url)
  }

  async #verify(request: IncomingMessage, path: Path, start: TwilioStart): Promise<Verdict> {
    const { gateway } = this.#deps
    const door = DOORS[path]
    if (door === 'browser') return await gateway.verifyStream(start, door)
    if (door === 'own carrier') {
      const carrier = await gateway.carriers.find(start.start.accountSid)
      const authToken = carrier?.credentials().authToken
      if (!authToken || !this.#isSigned(request, path, authToken)) return '4401'
    }
    return await gateway.verifyStream(start, 'carrier')
  }

  /** Other pages cannot use a token that leaked to them (THREATS B5). */
  #isFromConsole(request: IncomingMessage): boolean {
    return request.headers.origin === new URL(this.#deps.config.publicWebUrl).origin
  }

  #countUnstarted(address: string): () => void {
    let counted = true
    this.#unstartedCount++
    this.#unstarted.set(address, (this.#unstarted.get(address) ?? 0) + 1)
    return () => {
      if (!counted) return
      counted = false
      this.#unstartedCount--
      const left = (this.#unstarted.get(address) ?? 1) - 1
      if (left > 0) this.#unstarted.set(address, left)
      else this.#unstarted.delete(address)
    }
  }
}

/** Sockets of the `ws` library. */
export async function openLibraryDoor(
  app: FastifyInstance,
  { door }: { door: MediaDoor },
): Promise<void> {
  await app.register(websocket, {
    options: { maxPayload: MESSAGE_BYTES, perMessageDeflate: false },
    // Draining comes first; closing the server must not cut callers off.
    preClose: (done) => done(),
  })
  for (const path of PATHS)
    app.get(
      path,
      {
        websocket: true,
        preValidation: async (request, reply) => {
          const status = door.refusal(request.raw, path)
          if (status) return reply.code(status).send('')
        },
      },
      (raw, request) => {
        const caller = new Caller()
        const socket = fromWs(raw, (error) => door.failed(error, caller), request.socket)
        door.open(socket, request.raw, path, caller)
      },
    )
}

/** Sockets of our own codec. */
export function openOwnDoor(server: Server, door: MediaDoor): void {
  const limits = { messageBytes: MESSAGE_BYTES, fragments: MAX_FRAGMENTS }
  server.on('upgrade', (request, stream, head) => {
    const { pathname } = new URL(request.url ?? '/', 'http://gateway')
    const path = isPath(pathname) ? pathname : undefined
    const status = path ? door.refusal(request, path) : 404
    if (!path || status) {
      refuseUpgrade(stream, status ?? 404, 'Refused')
      return
    }
    const caller = new Caller()
    const onError = (error: unknown) => door.failed(error, caller)
    const socket = acceptUpgrade(request, stream, head, limits, onError)
    if (socket) door.open(socket, request, path, caller)
  })
}

const signatureOf = ({ headers }: IncomingMessage): string | undefined => {
  const signature = headers['x-twilio-signature']
  return typeof signature === 'string' ? signature : undefined
}

const addressOf = (request: IncomingMessage): string => request.socket.remoteAddress ?? 'unknown'
