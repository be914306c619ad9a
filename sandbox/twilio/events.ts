/** What happened on a leg. `at` is milliseconds since it was answered; 0 and below is before. */
export type LegEvent = { at: number } & LegHappening

export type LegHappening =
  | { kind: 'ringing' }
  | { kind: 'answered' }
  | { kind: 'verb'; verb: string }
  | { kind: 'webhook'; url: string; status: number | 'timeout' | 'unreachable' | 'lost' }
  | { kind: 'stream-open'; streamSid: string; url: string }
  | { kind: 'stream-close'; streamSid: string; by: 'product' | 'twilio' | 'error'; code?: number }
  | { kind: 'first-audio'; streamSid: string; bytes: number }
  | { kind: 'clear'; streamSid: string; droppedBytes: number }
  | { kind: 'mark'; streamSid: string; name: string; cleared: boolean }
  | { kind: 'dtmf'; digit: string }
  | { kind: 'sent-digit'; digit: string }
  | { kind: 'twiml-error'; code: number; message: string }
  | { kind: 'twiml-warning'; message: string }
  | { kind: 'media-error'; code: number; message: string }
  | {
      kind: 'ended'
      status: string
      by: 'party' | 'twiml' | 'rest' | 'limit' | 'error' | 'network'
    }

export type EndedBy = Extract<LegHappening, { kind: 'ended' }>['by']
