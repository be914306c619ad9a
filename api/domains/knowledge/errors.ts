import { DomainError } from '#api/core/errors.ts'

export const tooManyDocuments = (most: number) =>
  new DomainError(
    'knowledge.too_many_documents',
    409,
    `The knowledge base holds at most ${most} documents. Delete one first.`,
  )
export const tooMuch = (mebibytes: number) =>
  new DomainError(
    'knowledge.too_much',
    409,
    `The knowledge base holds at most ${mebibytes} MiB. Delete something first.`,
  )
export const alreadyThere = () =>
  new DomainError('knowledge.already_there', 409, 'A document with the same content is there.')
export const notItsType = () =>
  new DomainError(
    'knowledge.not_its_type',
    400,
    'The file is not what its type says. Send a PDF, or text in UTF-8.',
  )
export const emptyFile = () => new DomainError('knowledge.empty_file', 400, 'The file is empty.')
export const addressNotAllowed = () =>
  new DomainError(
    'knowledge.address_not_allowed',
    400,
    'Give an https address on the public internet, without a user name in it.',
  )
export const notRejected = () =>
  new DomainError(
    'knowledge.not_rejected',
    409,
    'Only a document that was rejected, or that ElevenLabs did not take, is tried again.',
  )
export const notReady = () =>
  new DomainError('knowledge.not_ready', 409, 'The document has not been read yet.')
export const fileGone = () =>
  new DomainError('knowledge.file_missing', 404, 'The original of this document is not there.')
