import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Context } from '#api/core/context.ts'
import { ingestDocument } from '../ingest.ts'
import { addText, retrieve } from '../service.ts'
import { type Labelled, questions } from './questions.ts'

export type Quality = { asked: number; recall: Record<1 | 5, number>; missed: Labelled[] }

const DOCUMENTS = path.join(import.meta.dirname, 'documents')
const SHOWN = 5

/**
 * Teaches the organization the labelled documents and asks it every question: at which share of them the right
 * passage was first, and among the five shown.
 */
export async function measureQuality(ctx: Context): Promise<Quality> {
  const ids = new Map<string, string>()
  for (const file of readdirSync(DOCUMENTS)) {
    const text = readFileSync(path.join(DOCUMENTS, file), 'utf8')
    const title = path.parse(file).name
    const { id } = await addText(ctx, { title, text })
    await ingestDocument(ctx, id)
    ids.set(title, id)
  }
  const places = new Map<Labelled, number>()
  for (const labelled of questions) {
    const found = await retrieve(ctx, labelled.question, SHOWN)
    const isIt = (passage: (typeof found)[number]) =>
      passage.documentId === ids.get(labelled.document) && passage.text.includes(labelled.says)
    places.set(labelled, found.findIndex(isIt))
  }
  const within = (shown: number) =>
    [...places.values()].filter((place) => place >= 0 && place < shown).length / questions.length
  return {
    asked: questions.length,
    recall: { 1: within(1), 5: within(SHOWN) },
    missed: questions.filter((labelled) => places.get(labelled) === -1),
  }
}
