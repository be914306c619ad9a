import { DomainError } from '#api/core/errors.ts'

type Fields = { path: string; message: string }[]

export const changedElsewhere = () =>
  new DomainError(
    'agents.changed_elsewhere',
    409,
    'Somebody changed this agent in between. Look at what it says now, then decide.',
  )
export const notPublishable = (fields: Fields) =>
  new DomainError('agents.not_publishable', 409, 'The draft is not complete yet.', { fields })
export const invalidSpec = (fields: Fields) =>
  new DomainError('agents.invalid_spec', 400, 'Some parts of the draft cannot be saved.', {
    fields,
  })
export const testsNotPassed = (tests: readonly { id: string; name: string }[]) =>
  new DomainError(
    'agents.tests_not_passed',
    409,
    'Some tests of this agent have not passed on the draft. Run them, or mend what they found.',
    { fields: tests.map(({ id, name }) => ({ path: `tests.${id}`, message: name })) },
  )
export const nothingToPublish = () =>
  new DomainError('agents.nothing_to_publish', 409, 'The draft is what is published already.')
export const neverPublished = () =>
  new DomainError('agents.never_published', 409, 'Publish the agent first.')
export const alreadyPublished = () =>
  new DomainError('agents.already_published', 409, 'This version is the published one.')
export const numberAttached = () =>
  new DomainError(
    'agents.number_attached',
    409,
    'A phone number leads to this agent. Give the agent’s name to archive it all the same.',
  )
export const tooMany = (most: number) =>
  new DomainError(
    'agents.too_many',
    409,
    `An organization has at most ${most} agents. Archive one first.`,
  )
export const busy = () =>
  new DomainError(
    'agents.busy',
    409,
    'This agent is on its way to ElevenLabs. Try again in a moment.',
    { retryAfterSeconds: 5 },
  )
export const notDrifted = () =>
  new DomainError('agents.not_drifted', 409, 'ElevenLabs holds what it was given.')
export const goneAtVendor = () =>
  new DomainError(
    'agents.gone_at_vendor',
    409,
    'ElevenLabs holds nothing of this agent any more: there is nothing to take over.',
  )
export const refusedByVendor = (words: string) =>
  new DomainError('agents.refused_by_vendor', 409, `ElevenLabs refused the draft: ${words}`)
