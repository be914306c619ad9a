'use client'
import {
  type QueryKey,
  type UseQueryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
} from '@tanstack/react-query'
import { createContext, type ReactNode, useContext } from 'react'
import type { Answer, Call, Endpoint } from '#api/contract/endpoint.ts'
import type { ApiError } from './api-error.ts'
import type { ApiClient } from './client.ts'

const ClientContext = createContext<ApiClient | null>(null)

export const ApiProvider = (props: { client: ApiClient; children: ReactNode }) => (
  <ClientContext value={props.client}>{props.children}</ClientContext>
)

export function useApi(): ApiClient {
  const client = useContext(ClientContext)
  if (!client) throw new Error('useApi needs an ApiProvider above it')
  return client
}

/** A key begins with the endpoint, so one call of `invalidateQueries` reaches all its variants. */
export const endpointKey = (declared: Endpoint, sent?: unknown): QueryKey =>
  sent === undefined
    ? [`${declared.method} ${declared.path}`]
    : [`${declared.method} ${declared.path}`, sent]

type Options<Data> = Pick<
  UseQueryOptions<Data, ApiError>,
  'enabled' | 'refetchInterval' | 'staleTime' | 'placeholderData'
>

export function useEndpoint<E extends Endpoint>(
  declared: E,
  sent: Call<E>,
  options: Options<Answer<E>> = {},
) {
  const api = useApi()
  return useQuery<Answer<E>, ApiError>({
    queryKey: endpointKey(declared, sent),
    queryFn: ({ signal }) => api(declared, sent, { signal }),
    ...options,
  })
}

type Page<Item> = { items: Item[]; nextCursor: string | null }
type ItemOf<E extends Endpoint> = Answer<E> extends Page<infer Item> ? Item : never

/** A list that grows by its cursor. */
export function useEndpointPages<E extends Endpoint>(
  declared: E,
  sent: Call<E>,
  options: { refetchInterval?: (pages: readonly Page<ItemOf<E>>[]) => number | false } = {},
) {
  const api = useApi()
  const { refetchInterval } = options
  const query = useInfiniteQuery({
    queryKey: [...endpointKey(declared, sent), 'pages'],
    queryFn: async ({ signal, pageParam }): Promise<Page<ItemOf<E>>> => {
      return (await api(declared, atCursor(sent, pageParam), { signal })) as Page<ItemOf<E>>
    },
    initialPageParam: '',
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    ...(refetchInterval && {
      refetchInterval: (asked: { state: { data: { pages: Page<ItemOf<E>>[] } | undefined } }) =>
        refetchInterval(asked.state.data?.pages ?? []),
    }),
  })
  return {
    ...query,
    error: query.error as ApiError | null,
    items: query.data?.pages.flatMap((page) => page.items),
  }
}

/** The same call from a later place in the list; every list endpoint takes `cursor` (contract/page.ts). */
function atCursor<Sent>(sent: Sent, cursor: string): Sent {
  if (cursor === '') return sent
  const { query } = sent as { query?: object }
  return { ...(sent as object), query: { ...query, cursor } } as Sent
}

export function useEndpointCall<E extends Endpoint>(
  declared: E,
  options: { onSuccess?: (answer: Answer<E>) => void; idempotencyKey?: string } = {},
) {
  const api = useApi()
  const { idempotencyKey, ...rest } = options
  return useMutation<Answer<E>, ApiError, Call<E>>({
    mutationFn: (sent) => api(declared, sent, { idempotencyKey }),
    ...rest,
  })
}
