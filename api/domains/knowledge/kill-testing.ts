import type { Context } from '#api/core/context.ts'
import { eraseDocumentJob, pushDocumentJob } from './jobs.ts'

/** A document taken to ElevenLabs or away from there, as whoever does it again after a crash does it. */
export type Deed = {
  do: 'push' | 'erase'
  organizationId: string
  documentId: string
}

const jobs = { push: pushDocumentJob, erase: eraseDocumentJob }

export const perform = (ctx: Context, { do: name, ...data }: Deed): Promise<void> =>
  jobs[name].run(ctx, data)
