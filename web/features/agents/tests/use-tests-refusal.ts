'use client'
import { ApiError } from '../../../lib/api/api-error.ts'
import { useRefreshTests } from './use-tests.ts'

/** Where tests turned out to stand in the way of publishing, has asked again which they are; the refusal passes on. */
export function useTestsRefusal(): (error: unknown) => never {
  const refresh = useRefreshTests()
  return (error) => {
    if (error instanceof ApiError && error.code === 'agents.tests_not_passed') void refresh()
    throw error
  }
}
