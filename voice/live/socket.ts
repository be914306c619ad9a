import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { isSettled, readLiveTicket } from '#api/domains/calls/service.ts'
import { CLOSE_DUPLICATE, CLOSE_UNAUTHORIZED, type Gateway } from '../gateway.ts'
import type { CallSession } from '../session.ts'
import { CLOSE_CALL_ENDED, CLOSE_CALL_MOVED, type Viewer } from './feed.ts'

const MAX_VIEWERS = 1_000 // sockets of one gateway; of them, what one user and one organization may have (THREATS X-ws)
const MAX_VIEWERS_PER_USER = 10
const MAX_VIEWERS_PER_ORGANIZATION = 200
const MAX_MESSAGE_BYTES = 1_024 // a console says nothing on this socket
const PING_MS = 15_000
const MISSED_PONGS = 2

const query = z.object({
  ticket: z.string().min(20).max(2_000),
  after: z.coerce.number().int().min(0).optional(),
})

/** `/live?ticket=…[&after=…]`: one call's feed for a console that the API gave a ticket. */
export async function liveSockets(
  app: FastifyInstance,
  deps: { ctx: Context; gateway: Gateway; allowedOrigin: string; refused(check: string): void },
): Promise<void> {
  await app.register(websocket, {
    options: { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false },
  })
  const perUser = new Seats(MAX_VIEWERS_PER_USER)
  const perOrganization = new Seats(MAX_VIEWERS_PER_ORGANIZATION)
  let open = 0

  app.get('/live', { websocket: true }, async (socket, request) => {
    socket.on('error', (error) => deps.ctx.log.debug({ err: error }, 'a live socket failed'))
    const refuse = (code: number, reason: string) => {
      deps.refused('live_ticket')
      socket.close(code, reason)
    }
    if (request.headers.origin !== deps.allowedOrigin) return refuse(CLOSE_UNAUTHORIZED, 'origin')
    const asked = query.safeParse(request.query)
    const ticket = asked.success ? readTicket(deps.ctx, asked.data.ticket) : null
    if (!asked.success || !ticket) return refuse(CLOSE_UNAUTHORIZED, 'ticket')
    const session = deps.gateway.admitViewer(ticket)
    if (session === 'used') return refuse(CLOSE_DUPLICATE, 'ticket used')
    if (session === 'gone') {
      const isOver = await isSettled(deps.ctx, ticket).catch(() => false)
      if (isOver) return refuse(CLOSE_CALL_ENDED, 'the call is over')
      return refuse(CLOSE_CALL_MOVED, 'the call is not here; reconnect')
    }
    const hasRoom = perUser.hasRoom(ticket.userId) && perOrganization.hasRoom(ticket.organizationId)
    if (open >= MAX_VIEWERS || !hasRoom) return refuse(1013, 'too many sockets')

    open++
    perUser.take(ticket.userId)
    perOrganization.take(ticket.organizationId)
    let leaving = 0
    const viewer: Viewer = {
      userId: ticket.userId,
      showsCost: ticket.showsCost,
      send: (text) => {
        leaving++
        socket.send(text, () => leaving--)
      },
      unsent: () => ({ messages: leaving, bytes: socket.bufferedAmount }),
      close: (code, reason) => socket.close(code, reason),
    }
    let unanswered = 0
    const pinger = setInterval(() => {
      if (unanswered >= MISSED_PONGS) return socket.terminate()
      unanswered++
      socket.ping()
    }, PING_MS)
    socket.on('pong', () => {
      unanswered = 0
    })
    socket.on('close', () => {
      clearInterval(pinger)
      open--
      perUser.leave(ticket.userId)
      perOrganization.leave(ticket.organizationId)
      session.feed.leave(viewer)
    })
    session.feed.join(viewer, asked.data.after ?? null, () => snapshotOf(session, viewer))
  })
}

/** How many sockets each holder has, of those it may have. */
class Seats {
  readonly #max: number
  readonly #taken = new Map<string, number>()

  constructor(max: number) {
    this.#max = max
  }

  hasRoom(holder: string): boolean {
    return this.#of(holder) < this.#max
  }

  take(holder: string): void {
    this.#taken.set(holder, this.#of(holder) + 1)
  }

  leave(holder: string): void {
    const left = this.#of(holder) - 1
    if (left > 0) this.#taken.set(holder, left)
    else this.#taken.delete(holder)
  }

  #of(holder: string): number {
    return this.#taken.get(holder) ?? 0
  }
}

function readTicket(ctx: Context, text: string) {
  try {
    return readLiveTicket(ctx, text)
  } catch (error) {
    ctx.log.debug({ err: error }, 'a live ticket could not be read')
    return null
  }
}

const snapshotOf = (session: CallSession, viewer: Viewer) => ({
  type: 'snapshot' as const,
  callId: session.call.callId,
  state: 'live' as const,
  seconds: session.mediaSeconds,
  costCents: viewer.showsCost ? session.costCents : null,
  turns: [...session.turns],
})
