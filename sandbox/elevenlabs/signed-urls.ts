import { newId } from './ids.ts'

type Ticket = { agentId: string; expiresAt: number; conversationId: string | undefined }

const VALID_MS = 15 * 60_000 // the conversation must start within 15 minutes
const MAX_TICKETS = 10_000 // far above what one sandbox hands out in 15 minutes; oldest go first

/** Signatures that open the agent socket. One that names a conversation opens it once. */
export class SignedUrls {
  readonly #tickets = new Map<string, Ticket>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  issue(agentId: string, conversationId?: string): string {
    const signature = newId('cvtkn_', 40)
    this.#tickets.set(signature, { agentId, conversationId, expiresAt: this.#now() + VALID_MS })
    for (const oldest of this.#tickets.keys()) {
      if (this.#tickets.size <= MAX_TICKETS) break
      this.#tickets.delete(oldest)
    }
    return signature
  }

  /** Undefined when the signature is not good for this agent (any more). */
  redeem(signature: string, agentId: string): { conversationId: string | undefined } | undefined {
    const ticket = this.#tickets.get(signature)
    if (!ticket || ticket.agentId !== agentId) return undefined
    const isSingleUse = ticket.conversationId !== undefined
    const isExpired = ticket.expiresAt < this.#now()
    if (isSingleUse || isExpired) this.#tickets.delete(signature)
    return isExpired ? undefined : { conversationId: ticket.conversationId }
  }
}
