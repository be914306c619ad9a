import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { newId, unixSeconds } from '../ids.ts'
import { type Json, readList, readObject, readText } from '../json.ts'
import { formOf } from '../multipart.ts'
import { flag, pageOf, pageQuery, repeated } from '../paging.ts'
import { badRequest, notFound, parse, unprocessable } from '../problems.ts'
import type { Agent, Document } from '../store.ts'
import type { World } from '../world.ts'
import { accessInfo } from './agents.ts'

const textBody = z.looseObject({ text: z.string().min(1), name: z.string().nullish() })
const urlBody = z.looseObject({ url: z.url(), name: z.string().nullish() })
const patchBody = z.looseObject({ name: z.string().nullish(), content: z.string().nullish() })
const listQuery = z.looseObject({
  ...pageQuery,
  search: z.string().optional(),
  types: repeated.optional(),
  sort_by: z.enum(['name', 'created_at', 'updated_at', 'size']).default('created_at'),
  sort_direction: z.enum(['asc', 'desc']).default('desc'),
})
const indexBody = z.looseObject({
  model: z.enum(['e5_mistral_7b_instruct', 'multilingual_e5_large_instruct']),
})

const FETCH_TIMEOUT_MS = 10_000
const LEAST_INDEXED_BYTES = 500 // the service's own: shorter documents go into the prompt instead
const MAX_CHUNK_CHARACTERS = 1_000
const MAX_DOCUMENT_CHARACTERS = 2_000_000
const BASE = '/v1/convai/knowledge-base'

type ById = { Params: { documentId: string } }

export function knowledgeRoutes(app: FastifyInstance, world: World): void {
  const { store } = world

  app.post(`${BASE}/text`, async (request) => {
    const body = parse(textBody, request.body, 'body')
    return created(world, { type: 'text', text: body.text, name: body.name ?? 'Text' })
  })

  app.post(`${BASE}/url`, async (request) => {
    const body = parse(urlBody, request.body, 'body')
    const text = await fetchPage(body.url)
    return created(world, { type: 'url', text, url: body.url, name: body.name ?? body.url })
  })

  app.post(`${BASE}/file`, async (request) => created(world, await uploaded(request)))

  app.get(BASE, async (request) => {
    const query = parse(listQuery, request.query, 'query')
    const page = pageOf(select(world, query), (document) => document.id, query)
    return {
      documents: page.items.map((document) => ({ ...listView(document), dependent_agents: [] })),
      next_cursor: page.next_cursor,
      has_more: page.has_more,
    }
  })

  app.get<ById>(`${BASE}/:documentId`, async (request) =>
    fullView(getDocument(world, request.params.documentId)),
  )

  app.patch<ById>(`${BASE}/:documentId`, async (request) => {
    const document = getDocument(world, request.params.documentId)
    const body = parse(patchBody, request.body ?? {}, 'body')
    if (typeof body.name === 'string') document.name = body.name
    if (typeof body.content === 'string') document.text = body.content
    document.last_updated_at_unix_secs = unixSeconds()
    store.changed()
    return fullView(document)
  })

  app.delete<ById>(`${BASE}/:documentId`, async (request, reply) => {
    const { id } = getDocument(world, request.params.documentId)
    const isForced = parse(
      z.looseObject({ force: flag.default(false) }),
      request.query,
      'query',
    ).force
    const users = dependents(world, id)
    if (users.length > 0 && !isForced)
      throw badRequest('document_in_use', 'The document is attached to an agent.')
    for (const agent of users) detach(agent, id)
    store.documents.delete(id)
    store.changed()
    return reply.type('application/json').send('null')
  })

  app.get<ById>(`${BASE}/:documentId/content`, async (request, reply) =>
    reply.type('text/html; charset=utf-8').send(getDocument(world, request.params.documentId).text),
  )

  app.get<ById>(`${BASE}/:documentId/dependent-agents`, async (request) => ({
    agents: dependents(world, getDocument(world, request.params.documentId).id).map((agent) => ({
      type: 'available',
      id: agent.agent_id,
      name: agent.name,
      created_at_unix_secs: agent.created_at_unix_secs,
      access_level: 'admin',
    })),
    branches: [],
    next_cursor: null,
    has_more: false,
  }))

  app.get<ById>(`${BASE}/:documentId/chunks`, async (request) => {
    const { id, name, text } = getDocument(world, request.params.documentId)
    return { chunks: chunksOf(text).map((content, n) => ({ id: `${id}-${n}`, name, content })) }
  })

  app.post<ById>(`${BASE}/:documentId/rag-index`, async (request) => {
    const document = getDocument(world, request.params.documentId)
    return ragIndex(document, parse(indexBody, request.body, 'body').model)
  })

  app.get<ById>(`${BASE}/:documentId/rag-index`, async (request) => ({
    indexes: [ragIndex(getDocument(world, request.params.documentId), 'e5_mistral_7b_instruct')],
  }))

  app.get<{ Params: { agentId: string } }>(
    '/v1/convai/agent/:agentId/knowledge-base/size',
    async (request) => {
      const agent = store.agents.get(request.params.agentId)
      if (!agent) throw notFound('Agent', request.params.agentId)
      return { number_of_pages: attached(agent).length }
    },
  )
}

function getDocument(world: World, id: string): Document {
  const document = world.store.documents.get(id)
  if (!document) throw notFound('Document', id)
  return document
}

type NewDocument = Pick<Document, 'type' | 'text' | 'name'> & { url?: string; filename?: string }

function created(world: World, about: NewDocument) {
  if (about.text.length > MAX_DOCUMENT_CHARACTERS)
    throw badRequest('document_too_large', 'The document is too large.')
  const now = unixSeconds()
  const times = { created_at_unix_secs: now, last_updated_at_unix_secs: now }
  const document: Document = { id: newId('', 20), ...about, ...times }
  world.store.documents.set(document.id, document)
  world.store.changed()
  return { id: document.id, name: document.name, folder_path: [] }
}

async function fetchPage(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) }).catch(
    (error: unknown) => {
      throw badRequest('invalid_url', error instanceof Error ? error.message : String(error))
    },
  )
  if (!response.ok) throw badRequest('invalid_url', `The page answered ${response.status}.`)
  return response.text()
}

/** Plain texts only: the sandbox does not read PDF or Word. */
async function uploaded(request: FastifyRequest): Promise<NewDocument> {
  const form = await formOf(request)
  const file = form.get('file')
  if (file === null || typeof file === 'string')
    throw unprocessable({ loc: ['body', 'file'], msg: 'Field required', type: 'missing' })
  const name = form.get('name')
  return {
    type: 'file',
    text: await file.text(),
    filename: file.name,
    name: typeof name === 'string' && name ? name : file.name,
  }
}

function select(world: World, query: z.output<typeof listQuery>): Document[] {
  const wanted = query.search?.toLowerCase() ?? ''
  const found = [...world.store.documents.values()].filter(
    (document) =>
      document.name.toLowerCase().startsWith(wanted) &&
      (query.types?.includes(document.type) ?? true),
  )
  if (query.sort_by === 'name') found.sort((a, b) => a.name.localeCompare(b.name, 'en'))
  if (query.sort_by === 'size') found.sort((a, b) => a.text.length - b.text.length)
  if (query.sort_by === 'updated_at')
    found.sort((a, b) => a.last_updated_at_unix_secs - b.last_updated_at_unix_secs)
  return query.sort_direction === 'desc' ? found.reverse() : found
}

function listView(document: Document): Json {
  return {
    id: document.id,
    name: document.name,
    type: document.type,
    metadata: {
      created_at_unix_secs: document.created_at_unix_secs,
      last_updated_at_unix_secs: document.last_updated_at_unix_secs,
      size_bytes: Buffer.byteLength(document.text),
    },
    supported_usages: ['prompt', 'auto'],
    access_info: accessInfo,
    folder_parent_id: null,
    folder_path: [],
    ...(document.url ? { url: document.url } : {}),
  }
}

function fullView(document: Document): Json {
  return {
    ...listView(document),
    extracted_inner_html: document.text,
    content_format: 'html',
    ...(document.type === 'file' ? { filename: document.filename ?? document.name } : {}),
  }
}

function attached(agent: Agent): unknown[] {
  return readList(agent.conversation_config, 'agent', 'prompt', 'knowledge_base')
}

function dependents(world: World, documentId: string): Agent[] {
  return [...world.store.agents.values()].filter((agent) =>
    attached(agent).some((entry) => readText(entry, 'id') === documentId),
  )
}

function detach(agent: Agent, documentId: string): void {
  const prompt = readObject(agent.conversation_config, 'agent', 'prompt')
  prompt.knowledge_base = attached(agent).filter((entry) => readText(entry, 'id') !== documentId)
}

function chunksOf(text: string): string[] {
  const chunks: string[] = []
  for (let at = 0; at < text.length; at += MAX_CHUNK_CHARACTERS)
    chunks.push(text.slice(at, at + MAX_CHUNK_CHARACTERS))
  return chunks
}

function ragIndex(document: Document, model: string): Json {
  const bytes = Buffer.byteLength(document.text)
  const isTooSmall = bytes < LEAST_INDEXED_BYTES
  return {
    id: `${document.id}-${model}`,
    model,
    status: isTooSmall ? 'document_too_small' : 'succeeded',
    progress_percentage: 100,
    document_model_index_usage: { used_bytes: isTooSmall ? 0 : bytes },
  }
}
