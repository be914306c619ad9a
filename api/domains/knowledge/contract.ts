import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

export const documentKinds = ['file', 'text', 'url'] as const
export const documentStates = ['queued', 'parsing', 'embedding', 'ready', 'rejected'] as const
export const vendorStates = ['none', 'pending', 'in_sync', 'failed'] as const
export const uploadTypes = ['application/pdf', 'text/plain', 'text/markdown'] as const
export const MAX_UPLOAD_BYTES = 20 * 2 ** 20 // THREATS X-upload

export const knowledgeDocument = z.object({
  id: z.uuid(),
  title: z.string(),
  kind: z.enum(documentKinds),
  mediaType: z.string(),
  sizeBytes: z.int(),
  sourceUrl: z.string().nullable(),
  state: z.enum(documentStates),
  /** Why it was rejected: `encrypted`, `no_text`, `too_many_pages`, `page_not_reached` … */
  reason: z.string().nullable(),
  pages: z.int().nullable(),
  chunks: z.int(),
  /** Whether ElevenLabs holds a copy for agents that use the document; `none` where no agent does. */
  vendorState: z.enum(vendorStates),
  /** Why ElevenLabs did not take it, in its own words; null too where it did not answer. */
  vendorError: z.string().nullable(),
  /** Agents whose draft or published version uses it, by name; twenty at most. */
  agents: z.array(z.object({ id: z.uuid(), name: z.string() })),
  uploadedBy: z.string().nullable(),
  createdAt: instant,
  updatedAt: instant,
})

const params = z.strictObject({ documentId: z.uuid() })
const resources = { documentId: 'knowledge-document' }
const title = z.string().trim().min(1).max(200)
const feature = 'knowledge' as const

export const listDocuments = endpoint({
  method: 'GET',
  path: '/v1/knowledge/documents',
  permission: 'knowledge.read',
  feature,
  summary: 'Documents of the knowledge base, newest first',
  query: pageQuery.extend({
    state: z.enum(documentStates).optional(),
    /** Part of the title. */
    search: z.string().trim().min(1).max(120).optional(),
  }),
  response: pageOf(knowledgeDocument),
})

export const getDocument = endpoint({
  method: 'GET',
  path: '/v1/knowledge/documents/:documentId',
  permission: 'knowledge.read',
  feature,
  summary: 'One document, with how far it is',
  params,
  response: knowledgeDocument,
  resources,
})

export const uploadDocument = endpoint({
  method: 'POST',
  path: '/v1/knowledge/documents/file',
  permission: 'knowledge.write',
  feature,
  summary: 'Adds a file: the request’s body is the file itself',
  status: 201,
  query: z.strictObject({ title }),
  upload: { mediaTypes: uploadTypes, maxBytes: MAX_UPLOAD_BYTES },
  response: knowledgeDocument,
})

export const addText = endpoint({
  method: 'POST',
  path: '/v1/knowledge/documents/text',
  permission: 'knowledge.write',
  feature,
  summary: 'Adds a text that was typed or pasted',
  status: 201,
  body: z.strictObject({ title, text: z.string().trim().min(1).max(60_000) }),
  response: knowledgeDocument,
})

export const addPage = endpoint({
  method: 'POST',
  path: '/v1/knowledge/documents/url',
  permission: 'knowledge.write',
  feature,
  summary: 'Adds the text of one web page, fetched in the background',
  status: 201,
  body: z.strictObject({
    title: title.optional(),
    url: z.url({ protocol: /^https?$/ }).max(2_000),
  }),
  response: knowledgeDocument,
})

export const retryDocument = endpoint({
  method: 'POST',
  path: '/v1/knowledge/documents/:documentId/retry',
  permission: 'knowledge.write',
  feature,
  summary: 'Reads a rejected document again',
  status: 202,
  params,
  response: knowledgeDocument,
  resources,
})

export const deleteDocument = endpoint({
  method: 'DELETE',
  path: '/v1/knowledge/documents/:documentId',
  permission: 'knowledge.write',
  feature,
  summary: 'Takes a document away at once; its file, passages and copies follow within minutes',
  status: 204,
  params,
  response: z.void(),
  resources,
})

export const downloadDocument = endpoint({
  method: 'GET',
  path: '/v1/knowledge/documents/:documentId/file',
  permission: 'knowledge.read',
  feature,
  summary: 'The original, as an attachment',
  params,
  response: z.void(),
  bytes: { contentTypes: [...uploadTypes, 'text/html'] },
  resources,
})

export const passage = z.object({
  documentId: z.uuid(),
  title: z.string(),
  position: z.int(),
  /** Page of a PDF the passage begins on. */
  page: z.int().nullable(),
  text: z.string(),
  /** Cosine of the angle between question and passage: 1 is the same, 0 unrelated. */
  score: z.number(),
})

export const searchKnowledge = endpoint({
  method: 'POST',
  path: '/v1/knowledge/search',
  permission: 'knowledge.read',
  feature,
  summary: 'The passages that answer a question best, by meaning and by words',
  body: z.strictObject({
    query: z.string().trim().min(1).max(1_000),
    limit: z.int().min(1).max(20).default(8),
  }),
  response: z.object({ items: z.array(passage) }),
})
