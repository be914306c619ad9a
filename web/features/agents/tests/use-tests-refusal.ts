'use client'
import { useTranslations } from 'use-intl'
import { ApiError } from '../../../lib/api/api-error.ts'
import { useRefreshTests } from './use-tests.ts'

/** Where tests turned out to stand in the way of publishing, names them and has their verdicts asked again. */
export function useTestsRefusal(): (error: unknown) => never {
  const t = useTranslations('agentTests.gate')
  const refresh = useRefreshTests()
  return (error) => {
    if (!(error instanceof ApiError) || error.code !== 'agents.tests_not_passed') throw error
    void refresh()
    const names = error.fields.map(({ message }) => message).join(', ')
    throw new ApiError({
      code: error.code,
      status: error.status,
      detail: names ? t('refusedFor', { names }) : t('refused'),
      requestId: error.requestId,
      cause: error,
    })
  }
}
