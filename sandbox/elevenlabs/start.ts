import type { Faults } from '../kit/faults.ts'
import { listen, vendorServer } from '../kit/http.ts'
import type { Journal } from '../kit/journal.ts'
import { WebhookSender } from '../kit/webhooks.ts'
import type { PhraseBook } from '../speech/book.ts'
import { finishProcessing } from './after/post-call.ts'
import { answerProblems, invalidApiKey } from './problems.ts'
import { agentRoutes } from './rest/agents.ts'
import { callRoutes } from './rest/calls.ts'
import { conversationRoutes } from './rest/conversations.ts'
import { knowledgeRoutes } from './rest/knowledge.ts'
import { phoneNumberRoutes } from './rest/phone-numbers.ts'
import { speechRoutes } from './rest/speech.ts'
import { toolRoutes } from './rest/tools.ts'
import { transcriptionRoutes } from './rest/transcription.ts'
import { voiceRoutes } from './rest/voices.ts'
import { addWebhook, workspaceRoutes, workspaceWebhookSettings } from './rest/workspace.ts'
import { SignedUrls } from './signed-urls.ts'
import { type Agent, type Conversation, Store } from './store.ts'
import { serveSockets } from './talk/socket.ts'
import { defaultTimings, type Timings, type World } from './world.ts'

export type ElevenLabsOptions = {
  port: number
  host?: string
  apiKey: string
  webhookSecret: string
  book: PhraseBook
  journal: Journal
  faults: Faults
  twilioUrl: string
  dataDir?: string
  postCallDelayMs?: number
  /** Registered and set as the workspace's post-call webhook when no other is. */
  postCallWebhookUrl?: string
  timings?: Partial<Timings>
}

export type ElevenLabsStandIn = {
  url: string
  /** Utterances that arrived damaged: 0 at the end of every healthy call. */
  readonly unrecognised: number
  conversations(): Conversation[]
  agents(): Agent[]
  /** Live conversations; `drop` closes the socket as a failing service would. */
  live(): { conversationId: string; drop(code: number, reason?: string): void }[]
  close(): Promise<void>
}

export async function startElevenLabs(options: ElevenLabsOptions): Promise<ElevenLabsStandIn> {
  const { journal, faults } = options
  const world: World = {
    url: '',
    apiKey: options.apiKey,
    webhookSecret: options.webhookSecret,
    twilioUrl: options.twilioUrl,
    postCallDelayMs: options.postCallDelayMs ?? 1_000,
    timings: { ...defaultTimings, ...options.timings },
    store: new Store(options.dataDir),
    book: options.book,
    journal,
    faults,
    webhooks: new WebhookSender('elevenlabs', journal, faults),
    signedUrls: new SignedUrls(),
    live: new Map(),
    unrecognised: 0,
  }
  recover(world)
  if (options.postCallWebhookUrl) registerWebhook(world, options.postCallWebhookUrl)

  const app = vendorServer({ vendor: 'elevenlabs', journal, faults })
  answerProblems(app, journal)
  acceptBodies(app)
  app.addHook('onRequest', async (request) => {
    const isApi = request.url.startsWith('/v1/') || request.url.startsWith('/v2/')
    if (isApi && request.headers['xi-api-key'] !== options.apiKey) throw invalidApiKey()
  })
  agentRoutes(app, world)
  phoneNumberRoutes(app, world)
  conversationRoutes(app, world)
  callRoutes(app, world)
  knowledgeRoutes(app, world)
  toolRoutes(app, world)
  voiceRoutes(app, world)
  speechRoutes(app, world)
  transcriptionRoutes(app, world)
  workspaceRoutes(app, world)
  const sockets = serveSockets(world, app.server)
  world.url = await listen(app, options.port, options.host)

  return {
    url: world.url,
    get unrecognised() {
      return world.unrecognised
    },
    conversations: () => [...world.store.conversations.values()],
    agents: () => [...world.store.agents.values()],
    live: () =>
      [...world.live].map(([conversationId, session]) => ({
        conversationId,
        drop: (code, reason = 'dropped') => session.fail(code, 'unknown_websocket_crash', reason),
      })),
    async close() {
      for (const session of [...world.live.values()])
        session.fail(1011, 'unknown_websocket_crash', 'The sandbox stops.')
      world.webhooks.close()
      sockets.close()
      await app.close()
      world.store.save()
    },
  }
}

/** What a stop cut short: calls that were live are lost, those in processing get their end. */
function recover(world: World): void {
  for (const conversation of world.store.conversations.values()) {
    if (conversation.status === 'in-progress' || conversation.status === 'initiated') {
      conversation.status = 'failed'
      conversation.termination_reason = 'The sandbox was stopped.'
    }
    if (conversation.status !== 'processing') continue
    setTimeout(() => finishProcessing(world, conversation), world.postCallDelayMs).unref()
  }
}

function registerWebhook(world: World, url: string): void {
  const { post_call_webhook_id: current } = workspaceWebhookSettings(world)
  const known = [...world.store.webhooks.values()].find((hook) => hook.webhook_url === url)
  if (current || known) return
  const webhook = addWebhook(world, { name: 'Post-call', webhook_url: url })
  world.store.settings = {
    ...world.store.settings,
    webhooks: { post_call_webhook_id: webhook.webhook_id },
  }
}

/** JSON bodies may be empty (the SDK sends none with a content type); uploads stay bytes. */
function acceptBodies(app: ReturnType<typeof vendorServer>): void {
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(String(body)))
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  })
  app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  )
}
