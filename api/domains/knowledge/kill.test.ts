import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forOrganization } from '#api/core/context.ts'
import { type TestApi, testApi, testEnvironment } from '#api/testing.ts'
import { type ElevenLabsStandIn, startElevenLabs } from '../../../sandbox/elevenlabs/start.ts'
import { Faults } from '../../../sandbox/kit/faults.ts'
import { Journal } from '../../../sandbox/kit/journal.ts'
import { type OpenAiStandIn, startOpenAi } from '../../../sandbox/openai/start.ts'
import { PhraseBook } from '../../../sandbox/speech/book.ts'
import { formantEngine } from '../../../sandbox/speech/formant.ts'
import { eraseDocumentJob, ingestDocumentJob, pushDocumentJob, sweepCopiesJob } from './jobs.ts'
import { addText, deleteDocument, getDocument } from './service.ts'

// Every fifth step from the last one back, and the moment after it; with 1 every one is walked, in minutes.
const STRIDE = 5
const AT_ONCE = 3 // processes: each is a second of starting up
const KILLS_MS = 240_000
const HOUR_MS = 3_600_000
const PROGRAM = path.join(import.meta.dirname, 'killed-process-testing.ts')

let elevenLabs: ElevenLabsStandIn
let openAi: OpenAiStandIn
let api: TestApi
let environment: Record<string, string>
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
  environment = testEnvironment(vendors)
  api = await testApi(vendors)
})
afterAll(async () => {
  await api.close()
  await elevenLabs.close()
  await openAi.close()
})

type Job = 'push' | 'erase'
type Data = { organizationId: string; documentId: string }
const again = { push: pushDocumentJob, erase: eraseDocumentJob }

/** A document that is read and, for an erasing, was at ElevenLabs before it was deleted. */
async function aSceneOf(job: Job): Promise<Data> {
  const organizationId = await api.database.anOrganization()
  const ctx = forOrganization(api.ctx, organizationId)
  const { id } = await addText(ctx, { title: 'Hours', text: 'We open at eight.' })
  const data = { organizationId, documentId: id }
  await ingestDocumentJob.run(api.ctx, data)
  if (job === 'push') return data
  await pushDocumentJob.run(api.ctx, data)
  await deleteDocument(ctx, id)
  return data
}

async function copiesOf({ documentId }: Data): Promise<string[]> {
  const namePrefix = `voxcalls-document:${documentId}`
  const { items } = await api.ctx.vendors.elevenLabs.listDocuments({ namePrefix })
  return items.map(({ elevenLabsDocumentId }) => elevenLabsDocumentId)
}

/** How many steps it took, or null where it was killed on the way. */
async function inAProcessThatIsKilled(job: Job, data: Data, point: number): Promise<number | null> {
  const child = spawn(
    process.execPath,
    [PROGRAM, JSON.stringify(api.database.urls), String(point), JSON.stringify({ job, data })],
    { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  let complained = ''
  child.stdout.on('data', (part) => {
    said += part
  })
  child.stderr.on('data', (part) => {
    complained += part
  })
  await once(child, 'close')
  if (child.signalCode !== 'SIGKILL') throw new Error(`it was not killed but ended: ${complained}`)
  return said === '' ? null : Number(said)
}

async function pointsOf(job: Job): Promise<number[]> {
  const steps = await inAProcessThatIsKilled(job, await aSceneOf(job), 0)
  if (steps === null) throw new Error('it did not get to its end')
  const points: number[] = []
  for (let point = steps; point > 0; point -= STRIDE) points.push(point)
  return [...points, 0]
}

test.each(['push', 'erase'] as const)(
  'killed at any step, the %s that is done again leaves exactly what should be there',
  async (job) => {
    const points = await pointsOf(job)
    for (let from = 0; from < points.length; from += AT_ONCE) {
      const some = points.slice(from, from + AT_ONCE)
      await Promise.all(
        some.map(async (point) => {
          const data = await aSceneOf(job)
          await inAProcessThatIsKilled(job, data, point)
          await again[job].run(api.ctx, data)
          const copies = await copiesOf(data)
          expect(copies, `${job} killed before step ${point}`).toHaveLength(job === 'push' ? 1 : 0)
          if (job === 'erase') return
          const ctx = forOrganization(api.ctx, data.organizationId)
          expect(await getDocument(ctx, data.documentId)).toMatchObject({ vendorState: 'in_sync' })
        }),
      )
    }
  },
  KILLS_MS,
)

test(
  'killed on its way to ElevenLabs and deleted before it was tried again, nothing is left there',
  async () => {
    const points = await pointsOf('push')
    const scenes = await Promise.all(
      points.slice(0, AT_ONCE).map(async (point) => {
        const data = await aSceneOf('push')
        await inAProcessThatIsKilled('push', data, point)
        await deleteDocument(forOrganization(api.ctx, data.organizationId), data.documentId)
        await eraseDocumentJob.run(api.ctx, data)
        return data
      }),
    )
    const later = { ...api.ctx, now: () => new Date(Date.now() + HOUR_MS) }
    await sweepCopiesJob.run(later, {})
    for (const data of scenes) expect(await copiesOf(data)).toEqual([])
  },
  KILLS_MS,
)
