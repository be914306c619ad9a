import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { Faults } from '../kit/faults.ts'
import { Journal } from '../kit/journal.ts'
import { PhraseBook } from '../speech/book.ts'
import { formantEngine } from '../speech/formant.ts'
import { startTwilio, type TwilioOptions, type TwilioStandIn } from './start.ts'

export const ACCOUNT_SID = `AC${'0123456789abcdef'.repeat(2)}`
export const AUTH_TOKEN = 'a-token-of-the-sandbox-account'
export const OUR_NUMBER = '+14155550100'
export const CALLER = '+12125550199'

export type Hook = {
  path: string
  method: string
  headers: IncomingMessage['headers']
  params: Record<string, string>
  raw: string
}

export type Reply = string | { status?: number; type?: string; body?: string } | 'hang'

/** What a product would be: answers webhooks with TwiML and takes media sockets. */
export class TinyProduct {
  readonly hooks: Hook[] = []
  readonly sockets: TinySocket[] = []
  /** Answers by path; a path without one gets 204. */
  readonly replies = new Map<string, (hook: Hook) => Reply>()
  onSocket: (socket: TinySocket) => void = () => {}
  refuseSockets = 0
  url = ''
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  readonly #ws = new WebSocketServer({ noServer: true })

  async start(port = 0): Promise<this> {
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.refuseSockets > 0) {
        this.refuseSockets--
        socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n')
        return
      }
      this.#ws.handleUpgrade(request, socket, head, (ws) => {
        const made = new TinySocket(ws, request)
        this.sockets.push(made)
        this.onSocket(made)
      })
    })
    await new Promise<void>((done) => this.#server.listen(port, '127.0.0.1', done))
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  get wsUrl(): string {
    return this.url.replace('http', 'ws')
  }

  on(path: string, reply: Reply | ((hook: Hook) => Reply)): this {
    this.replies.set(path, typeof reply === 'function' ? reply : () => reply)
    return this
  }

  at(path: string): Hook[] {
    return this.hooks.filter((hook) => hook.path.split('?')[0] === path)
  }

  async close(): Promise<void> {
    for (const client of this.#ws.clients) client.terminate()
    this.#server.closeAllConnections()
    await new Promise<void>((done) => this.#server.close(() => done()))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let raw = ''
    for await (const chunk of request) raw += chunk
    const path = request.url ?? ''
    const search = request.method === 'GET' ? (path.split('?')[1] ?? '') : raw
    const params = Object.fromEntries(new URLSearchParams(search))
    const hook = { path, method: request.method ?? '', headers: request.headers, params, raw }
    this.hooks.push(hook)
    const reply = this.replies.get(path.split('?')[0]!)?.(hook) ?? { status: 204 }
    if (reply === 'hang') return
    const {
      status = 200,
      type = 'text/xml',
      body = '',
    } = typeof reply === 'string' ? { body: reply } : reply
    response.writeHead(status, { 'content-type': type }).end(body)
  }
}

type Message = Record<string, unknown> & { event: string }

/** Our end of a media stream, with everything that arrived on it. */
export class TinySocket {
  readonly ws: WebSocket
  readonly request: IncomingMessage
  readonly messages: Message[] = []
  readonly arrivedAt: number[] = []
  readonly closed: Promise<number>
  streamSid = ''
  #wake: (() => void)[] = []

  constructor(ws: WebSocket, request: IncomingMessage) {
    this.ws = ws
    this.request = request
    this.closed = new Promise((resolve) => ws.once('close', resolve))
    ws.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message
      if (message.event === 'start') this.streamSid = String(message.streamSid)
      this.messages.push(message)
      this.arrivedAt.push(performance.now())
      for (const wake of this.#wake.splice(0)) wake()
    })
  }

  of(event: string): Message[] {
    return this.messages.filter((message) => message.event === event)
  }

  media(track = 'inbound'): { chunk: string; timestamp: string; payload: string }[] {
    return this.of('media')
      .map(
        (message) =>
          message.media as { track: string; chunk: string; timestamp: string; payload: string },
      )
      .filter((media) => media.track === track)
  }

  audio(track = 'inbound'): Uint8Array {
    return Buffer.concat(this.media(track).map(({ payload }) => Buffer.from(payload, 'base64')))
  }

  /** Waits until this many messages of the kind have arrived. */
  async until(event: string, count = 1, timeoutMs = 5_000): Promise<Message> {
    const deadline = performance.now() + timeoutMs
    while (this.of(event).length < count) {
      if (performance.now() > deadline) throw new Error(`no ${count} x ${event} in ${timeoutMs} ms`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50)
        this.#wake.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
    return this.of(event)[count - 1]!
  }

  play(audio: Uint8Array): void {
    this.#send({ event: 'media', media: { payload: Buffer.from(audio).toString('base64') } })
  }

  mark(name: string): void {
    this.#send({ event: 'mark', mark: { name } })
  }

  clear(): void {
    this.#send({ event: 'clear' })
  }

  #send(message: Message): void {
    this.ws.send(JSON.stringify({ ...message, streamSid: this.streamSid }))
  }
}

export type Rig = {
  twilio: TwilioStandIn
  product: TinyProduct
  book: PhraseBook
  journal: Journal
  faults: Faults
  close(): Promise<void>
}

/** The stand-in with one number that belongs to a tiny product. */
export async function aRig(options: Partial<TwilioOptions> = {}): Promise<Rig> {
  const product = await new TinyProduct().start()
  const book = new PhraseBook(formantEngine())
  const journal = new Journal()
  const faults = new Faults()
  const twilio = await startTwilio({
    port: 0,
    accountSid: ACCOUNT_SID,
    authToken: AUTH_TOKEN,
    book,
    journal,
    faults,
    numbers: [
      {
        phoneNumber: OUR_NUMBER,
        voiceUrl: `${product.url}/voice`,
        statusCallback: `${product.url}/status`,
      },
    ],
    ...options,
  })
  const close = async () => {
    await twilio.close()
    await product.close()
  }
  return { twilio, product, book, journal, faults, close }
}

export function twiml(verbs: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>`
}
