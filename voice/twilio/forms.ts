import type { FastifyReply } from 'fastify'
import { z } from 'zod'

const callSid = z.string().regex(/^CA[0-9a-f]{32}$/)
const accountSid = z.string().regex(/^AC[0-9a-zA-Z]{32}$/)
const digits = z.string().regex(/^\d{1,6}$/)

/** What every request about a call carries. */
export const voiceForm = z.object({
  CallSid: callSid,
  AccountSid: accountSid,
  From: z.string().max(64),
  To: z.string().max(64),
})

/** How far a call has come, in our words. */
export const statusForm = z
  .object({
    CallSid: callSid,
    AccountSid: accountSid,
    CallStatus: z.string().max(20),
    CallDuration: digits.optional(),
    SequenceNumber: digits.optional(),
  })
  .transform((told) => ({
    twilioCallSid: told.CallSid,
    twilioAccountSid: told.AccountSid,
    status: told.CallStatus,
    durationSeconds: told.CallDuration === undefined ? null : Number(told.CallDuration),
    sequence: told.SequenceNumber === undefined ? null : Number(told.SequenceNumber),
  }))

/** Who answered, as machine detection tells it beside the call. */
export const answeredByForm = z
  .object({ CallSid: callSid, AccountSid: accountSid, AnsweredBy: z.string().max(40) })
  .transform((told) => ({
    twilioCallSid: told.CallSid,
    twilioAccountSid: told.AccountSid,
    answeredBy: told.AnsweredBy,
  }))

/** A recording that Twilio made. */
export const recordingForm = z
  .object({
    CallSid: callSid,
    AccountSid: accountSid,
    RecordingSid: z.string().regex(/^RE[0-9a-f]{32}$/),
    RecordingStatus: z.string().max(20),
    RecordingDuration: digits.optional(),
  })
  .transform((told) => ({
    twilioCallSid: told.CallSid,
    twilioAccountSid: told.AccountSid,
    twilioRecordingSid: told.RecordingSid,
    status: told.RecordingStatus,
    durationSeconds: Number(told.RecordingDuration ?? 0),
  }))

export const twiml = (reply: FastifyReply, text: string): FastifyReply =>
  reply.header('content-type', 'text/xml; charset=utf-8').send(text)
