import { DomainError } from '#api/core/errors.ts'

export const nameTaken = () =>
  new DomainError('agent-tests.name_taken', 409, 'This agent has a test of this name already.')
export const tooMany = (most: number) =>
  new DomainError(
    'agent-tests.too_many',
    409,
    `An agent has at most ${most} tests. Delete one first.`,
  )
export const changedElsewhere = () =>
  new DomainError(
    'agent-tests.changed_elsewhere',
    409,
    'Somebody changed this test in between. Look at what it says now, then decide.',
  )
export const nothingToRun = () =>
  new DomainError('agent-tests.nothing_to_run', 409, 'This agent has no tests. Write one first.')
