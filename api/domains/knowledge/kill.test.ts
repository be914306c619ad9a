import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forOrganization } from '#api/core/context.ts'
import { KILLS_MS, killAtEachStep, killing } from '#api/killing-testing.ts'
import { type TestApi, testApi, testEnvironment } from '#api/testing.ts'
import { type ElevenLabsStandIn, startElevenLabs } from '../../../sandbox/elevenlabs/start.ts'
import { Faults } from '../../../sandbox/kit/faults.ts'
import { Journal } from '../../../sandbox/kit/journal.ts'
import { type OpenAiStandIn, startOpenAi } from '../../../sandbox/openai/start.ts'
import { PhraseBook } from '../../../sandbox/speech/book.ts'
import { formantEngine } from '../../../sandbox/speech/formant.ts'
import { ingestDocumentJob, pushDocumentJob, sweepCopiesJob } from './jobs.ts'
import { type Deed, perform } from './kill-testing.ts'
import { addText, deleteDocument, getDocument } from './service.ts'

const HOUR_MS = 3_600_000

let elevenLabs: ElevenLabsStandIn
let openAi: OpenAiStandIn
let api: TestApi
let die: ReturnType<typeof killing<Deed>>
beforeAll(async () => {
  const kit = { port: 0, journal: new Journal(), faults: new Faults() }
  openAi = await startOpenAi({ ...kit, apiKey: 'sk-sandbox' })
  elevenLabs = await startElevenLabs({
    ...kit,
    apiKey: 'sandbox-elevenlabs-key',
    webhookSecret: 'wsec_sandbox',
    book: new PhraseBook(formantEngine()),
    twilioUrl: 'http://127.0.0.1:9',
  })
  const vendors = {
    OPENAI_API_KEY: 'sk-sandbox',
    OPENAI_BASE_URL: openAi.url,
    ELEVENLABS_BASE_URL: elevenLabs.url,
  }
  api = await testApi(vendors)
  die = killing<Deed>({
    databaseUrls: api.database.urls,
    environment: testEnvironment(vendors),
    performs: path.join(import.meta.dirname, 'kill-testing.ts'),
  })
})
afterAll(async () => {
  await api.close()
  await elevenLabs.close()
  await openAi.close()
})

/** A document that is read and, for an erasing, was at ElevenLabs before it was deleted. */
async function aSceneOf(name: Deed['do']): Promise<Deed> {
  const organizationId = await api.database.anOrganization()
  const ctx = forOrganization(api.ctx, organizationId)
  const { id } = await addText(ctx, { title: 'Hours', text: 'We open at eight.' })
  const deed = { do: name, organizationId, documentId: id }
  await ingestDocumentJob.run(api.ctx, deed)
  if (name === 'push') return deed
  await pushDocumentJob.run(api.ctx, deed)
  await deleteDocument(ctx, id)
  return deed
}

async function copiesOf({ documentId }: Deed): Promise<string[]> {
  const namePrefix = `voxcalls-document:${documentId}`
  const { items } = await api.ctx.vendors.elevenLabs.listDocuments({ namePrefix })
  return items.map(({ elevenLabsDocumentId }) => elevenLabsDocumentId)
}

test.each(['push', 'erase'] as const)(
  'killed at any step, the %s that is done again leaves exactly what should be there',
  async (name) => {
    const kills = await killAtEachStep({
      make: () => aSceneOf(name),
      die,
      async look(deed) {
        await perform(api.ctx, deed)
        expect(await copiesOf(deed)).toHaveLength(name === 'push' ? 1 : 0)
        if (name === 'erase') return
        const ctx = forOrganization(api.ctx, deed.organizationId)
        expect(await getDocument(ctx, deed.documentId)).toMatchObject({ vendorState: 'in_sync' })
      },
    })
    expect(kills).toBeGreaterThan(1)
  },
  KILLS_MS,
)

test(
  'killed on its way to ElevenLabs and deleted before it was tried again, nothing is left there',
  async () => {
    const deleted: Deed[] = []
    await killAtEachStep({
      make: () => aSceneOf('push'),
      die,
      async look(deed) {
        await deleteDocument(forOrganization(api.ctx, deed.organizationId), deed.documentId)
        await perform(api.ctx, { ...deed, do: 'erase' })
        deleted.push(deed)
      },
    })
    const later = { ...api.ctx, now: () => new Date(Date.now() + HOUR_MS) }
    await sweepCopiesJob.run(later, {})
    for (const deed of deleted) expect(await copiesOf(deed)).toEqual([])
  },
  KILLS_MS,
)
