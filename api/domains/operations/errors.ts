import { DomainError } from '#api/core/errors.ts'

export const jobUnknown = (queue: string) =>
  new DomainError(
    'operations.job_unknown',
    409,
    `Nothing runs jobs of the queue ${queue} any more.`,
  )
export const jobUnreadable = () =>
  new DomainError(
    'operations.job_unreadable',
    409,
    'The job carries data it cannot read, so it would fail again.',
  )
export const notReplayable = () =>
  new DomainError(
    'operations.not_replayable',
    409,
    'Deliveries of this vendor cannot be replayed; the vendor’s own console sends them again.',
  )
