import { z } from 'zod'
import { contextOfOwnProcess, killedBefore } from '#api/killed-process-testing.ts'
import { eraseDocumentJob, pushDocumentJob } from './jobs.ts'

const deed = z.object({
  job: z.enum(['push', 'erase']),
  data: z.object({ organizationId: z.uuid(), documentId: z.uuid() }),
})

/** A process of its own that takes a document to or from ElevenLabs and is killed before its n-th step out. */
const [, , urls = '', point, asked = ''] = process.argv
const ctx = await contextOfOwnProcess(urls)
const { job, data } = deed.parse(JSON.parse(asked))
const jobs = { push: pushDocumentJob, erase: eraseDocumentJob }
await killedBefore(Number(point), { requests: true }, () => jobs[job].run(ctx, data))
