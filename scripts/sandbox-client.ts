import { z } from 'zod'

const spoken = z.object({
  speaker: z.enum(['caller', 'agent']),
  kind: z.enum(['speaking', 'final', 'cut', 'damaged']),
  text: z.string(),
  atMs: z.number(),
  whole: z.string().optional(),
  damage: z.object({ note: z.string(), firstBadMs: z.number().optional() }).loose().optional(),
})
const phoneCall = z.object({
  callSid: z.string(),
  status: z.string(),
  durationSeconds: z.number(),
  log: z.array(z.object({ at: z.number(), kind: z.string() }).loose()),
  heard: z.array(spoken),
  said: z.array(spoken),
  script: z
    .object({ done: z.boolean(), failedStep: z.number().optional(), why: z.string().optional() })
    .optional(),
})
export type PhoneCall = z.output<typeof phoneCall>
export type Spoken = z.output<typeof spoken>

/** One thing a scripted caller does. */
export type Step =
  | { say: string }
  | { press: string }
  | { pause: number }
  | { hear: string | null; timeoutMs?: number }
  | { interrupt: string; afterMs: number }
  | { hangUp: true }
  | { waitForEnd: true; timeoutMs?: number }

/** Whoever is called: a script, or no one. */
export type Answering =
  | { answers: 'busy' | 'no-answer' }
  | { answers: 'script'; script: Step[]; answeredBy?: 'human' | 'machine_start' }

const TIMEOUT_MS = 10_000
const POLL_MS = 200

/** The stand-ins' control API, as a person with a telephone uses it. */
export function createSandboxClient(baseUrl: string) {
  const send = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${baseUrl}/sandbox${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!response.ok)
      throw new Error(`the sandbox answered ${response.status}: ${await response.text()}`)
    const text = await response.text()
    return text === '' ? null : JSON.parse(text)
  }
  return {
    async dial(call: { from: string; to: string; script?: Step[] }): Promise<string> {
      return z.object({ callSid: z.string() }).parse(await send('POST', '/calls', call)).callSid
    },
    /** How somebody whom the product calls picks up. */
    answerAs: (number: string, answering: Answering) =>
      send('PUT', `/people/${encodeURIComponent(number)}`, answering),
    async call(callSid: string): Promise<PhoneCall> {
      return phoneCall.parse(await send('GET', `/calls/${callSid}`))
    },
    /** Waits until the line is dead and the script has run. */
    async ended(callSid: string, withinMs: number): Promise<PhoneCall> {
      const deadline = performance.now() + withinMs
      for (;;) {
        const call = phoneCall.parse(await send('GET', `/calls/${callSid}`))
        const isOver = ['completed', 'busy', 'failed', 'no-answer', 'canceled'].includes(
          call.status,
        )
        if (isOver && (call.script?.done ?? true)) return call
        if (performance.now() > deadline)
          throw new Error(`the call is still ${call.status} after ${withinMs / 1000} s`)
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    },
    /** What an ear that knows everything spoken in the sandbox makes of mu-law bytes. */
    async listen(audio: Uint8Array): Promise<Spoken[]> {
      const body = { audio: Buffer.from(audio).toString('base64') }
      return z.array(spoken).parse(await send('POST', '/listen', body))
    },
    addFault: (rule: object) => send('POST', '/faults', rule),
    /** Loses the only conversation that runs, as a vendor's fault would. */
    async dropConversation(code: number): Promise<void> {
      const running = z
        .array(z.object({ conversationId: z.string() }))
        .parse(await send('GET', '/conversations'))
      const [only] = running
      if (!only || running.length > 1)
        throw new Error(`${running.length} conversations run, not one`)
      await send('POST', `/conversations/${only.conversationId}/drop`, { code })
    },
    clearFaults: () => send('DELETE', '/faults'),
    status: async () =>
      z
        .object({ engine: z.string(), unrecognised: z.number(), liveLegs: z.number() })
        .loose()
        .parse(await send('GET', '/status')),
    async token(clerkUserId: string, azp: string): Promise<string> {
      const made = await send('POST', '/clerk/tokens', { userId: clerkUserId, azp })
      return z.object({ jwt: z.string() }).parse(made).jwt
    },
  }
}
export type SandboxClient = ReturnType<typeof createSandboxClient>
