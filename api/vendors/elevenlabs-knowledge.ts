import { z } from 'zod'
import type { ElevenLabsKnowledge } from '#api/core/vendors.ts'
import { get } from './elevenlabs-api.ts'
import type { JsonApi } from './json-api.ts'

const BASE = '/v1/convai/knowledge-base'
const MAX_PAGE = 100 // the service's own
const UPLOAD_MS = 60_000 // two megabytes of text over a slow line

/** The knowledge base as far as documents are kept there for agents; what they mean is ours. */
export const elevenLabsKnowledge = (api: JsonApi): ElevenLabsKnowledge => ({
  async createDocument({ name, text }) {
    const created = await api.call(
      {
        operation: 'create-document',
        method: 'POST',
        path: `${BASE}/text`,
        body: { name, text },
        repeatable: false,
        limits: { totalMs: UPLOAD_MS },
      },
      z.object({ id: z.string() }),
    )
    return created.id
  },

  async hasDocument(id) {
    // Who uses it is the one small answer about a document: the document's own carries its whole text.
    const path = `${pathOf(id)}/dependent-agents`
    return (await api.find(get('find-document', path, { page_size: 1 }), z.object({}))) !== null
  },

  async listDocuments({ namePrefix, cursor }) {
    const query = { search: namePrefix, page_size: MAX_PAGE, cursor, sort_by: 'created_at' }
    const page = await api.call(get('list-documents', BASE, query), documentPage)
    return {
      items: page.documents.map(({ id, name, metadata }) => ({
        elevenLabsDocumentId: id,
        name,
        createdAt: new Date(metadata.created_at_unix_secs * 1000),
      })),
      nextCursor: page.has_more ? (page.next_cursor ?? null) : null,
    }
  },

  async deleteDocument(id) {
    await api.find(
      {
        operation: 'delete-document',
        method: 'DELETE',
        path: pathOf(id),
        // Without it a document that an agent still has is refused; with it the agent loses the document too.
        query: { force: true },
        repeatable: true,
      },
      z.unknown(),
    )
  },
})

const pathOf = (id: string) => `${BASE}/${encodeURIComponent(id)}`

const documentPage = z.object({
  documents: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      metadata: z.object({ created_at_unix_secs: z.number() }),
    }),
  ),
  next_cursor: z.string().nullish(),
  has_more: z.boolean(),
})
