import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** Sends a table as a file to keep; lines may come one after the other. */
export const sendCsv = (
  reply: FastifyReply,
  name: string,
  lines: AsyncGenerator<string> | string,
): FastifyReply =>
  attached(reply, 'text/csv; charset=utf-8', name).send(
    typeof lines === 'string' ? lines : Readable.from(lines),
  )

export const sendPdf = (reply: FastifyReply, name: string, bytes: Buffer): FastifyReply =>
  attached(reply, 'application/pdf', name).send(bytes)

const attached = (reply: FastifyReply, contentType: string, name: string): FastifyReply =>
  reply
    .header('content-type', contentType)
    .header('content-disposition', `attachment; filename="${name}"`)
