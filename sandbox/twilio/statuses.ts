export const finalStatuses = ['completed', 'busy', 'failed', 'no-answer', 'canceled'] as const
export type FinalStatus = (typeof finalStatuses)[number]
export type CallStatus = 'queued' | 'ringing' | 'in-progress' | FinalStatus

export type Direction = 'inbound' | 'outbound-api' | 'outbound-dial'
