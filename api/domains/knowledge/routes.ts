import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { FastifyInstance } from 'fastify'
import { serve, serveBytes } from '#api/http/serve.ts'
import { serveUpload } from '#api/http/serve-upload.ts'
import * as api from './contract.ts'
import {
  addPage,
  addText,
  deleteDocument,
  getDocument,
  listDocuments,
  openOriginal,
  retrieve,
  retryDocument,
  uploadDocument,
} from './service.ts'

export async function knowledgeRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listDocuments, (ctx, { query }) => listDocuments(ctx, query))
  serve(app, api.getDocument, (ctx, { params }) => getDocument(ctx, params.documentId))
  serveUpload(app, api.uploadDocument, (ctx, { query }, file) =>
    uploadDocument(ctx, query.title, file),
  )
  serve(app, api.addText, (ctx, { body }) => addText(ctx, body))
  serve(app, api.addPage, (ctx, { body }) => addPage(ctx, body))
  serve(app, api.retryDocument, (ctx, { params }) => retryDocument(ctx, params.documentId))
  serve(app, api.deleteDocument, (ctx, { params }) => deleteDocument(ctx, params.documentId))
  serveBytes(app, api.downloadDocument, async (ctx, { params }, { reply }) => {
    const { stream, sizeBytes, mediaType } = await openOriginal(ctx, params.documentId)
    return reply
      .type(mediaType)
      .header('content-length', sizeBytes)
      .header('content-disposition', `attachment; filename="${params.documentId}"`)
      .send(Readable.fromWeb(stream as ReadableStream))
  })
  serve(app, api.searchKnowledge, async (ctx, { body }) => ({
    items: await retrieve(ctx, body.query, body.limit),
  }))
}
