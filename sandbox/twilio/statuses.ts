export const finalStatuses = ['completed', 'busy', 'failed', 'no-answer', 'canceled'] as const
export type FinalStatus = (typeof finalStatuses)[number]
export type CallStatus = 'queued' | 'ringing' | 'in-progress' | FinalStatus

export const directions = ['inbound', 'outbound-api', 'outbound-dial'] as const
export type Direction = (typeof directions)[number]
