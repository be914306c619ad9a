import '../../testing/dom.ts'
import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { expect, test } from 'vitest'
import { createQueryClient } from '../../lib/api/query-client.ts'
import { useForgetOrganization } from './use-forget-organization.ts'

test('who goes from one organization to another finds nothing of the first', async () => {
  const queries = createQueryClient()
  let balance = 'of the first'
  const { rerender, result } = renderHook(
    ({ organizationId }: { organizationId: string | null }) => {
      useForgetOrganization(organizationId)
      return useQuery({ queryKey: ['balance'], queryFn: async () => balance }).data
    },
    {
      initialProps: { organizationId: 'first' },
      wrapper: ({ children }: { children: ReactNode }) => (
        <QueryClientProvider client={queries}>{children}</QueryClientProvider>
      ),
    },
  )
  await waitFor(() => expect(result.current).toBe('of the first'))
  queries.setQueryData(['calls'], 'of the first')
  rerender({ organizationId: 'first' })
  expect(queries.getQueryData(['calls'])).toBe('of the first')

  balance = 'of the second'
  rerender({ organizationId: 'second' })
  expect(queries.getQueryData(['calls'])).toBeUndefined()
  await waitFor(() => expect(result.current).toBe('of the second'))
})
