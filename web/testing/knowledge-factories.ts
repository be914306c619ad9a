import type { z } from 'zod'
import type { competitor } from '#contracts/competitors'
import type { knowledgeDocument, passage } from '#contracts/knowledge'
import { anId } from './factories.ts'

// What the API writes on the wire: the encoded side of each contract.
type DocumentWire = z.input<typeof knowledgeDocument>
type CompetitorWire = z.input<typeof competitor>
type PassageWire = z.input<typeof passage>

export const aDocument = (over: Partial<DocumentWire> = {}): DocumentWire => ({
  id: anId(500),
  title: 'Price list 2026',
  kind: 'file',
  mediaType: 'application/pdf',
  sizeBytes: 482_000,
  sourceUrl: null,
  state: 'ready',
  reason: null,
  pages: 12,
  chunks: 34,
  vendorState: 'none',
  vendorError: null,
  agents: [],
  uploadedBy: 'Ana Morales',
  createdAt: '2026-11-20T15:00:00.000Z',
  updatedAt: '2026-11-20T15:00:20.000Z',
  ...over,
})

export const aPassage = (over: Partial<PassageWire> = {}): PassageWire => ({
  documentId: anId(500),
  title: 'Price list 2026',
  position: 3,
  page: 4,
  text: 'A cleaning costs 120 dollars and takes forty minutes.',
  score: 0.83,
  ...over,
})

export const aCompetitor = (over: Partial<CompetitorWire> = {}): CompetitorWire => ({
  id: anId(550),
  name: 'Bright Smiles',
  website: 'https://brightsmiles.test/',
  strengths: ['Open on Saturdays'],
  weaknesses: ['No emergency line'],
  talkingPoints: ['Ask what happens when a crown breaks on a Sunday.'],
  createdAt: '2026-11-20T15:00:00.000Z',
  updatedAt: '2026-11-20T15:00:00.000Z',
  ...over,
})
