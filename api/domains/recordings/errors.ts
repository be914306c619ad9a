import { DomainError } from '#api/core/errors.ts'

export const noRecording = () =>
  new DomainError('recordings.not_found', 404, 'This call has no recording.')
export const linkNotValid = () =>
  new DomainError(
    'recordings.link_not_valid',
    403,
    'The link is not valid any more. Ask for a new one.',
  )
export const objectMissing = () =>
  new DomainError(
    'recordings.unavailable',
    503,
    'The recording cannot be read now. Try again shortly.',
    {
      retryAfterSeconds: 10,
    },
  )
