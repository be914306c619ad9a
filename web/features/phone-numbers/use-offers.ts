'use client'
import { parseAsString, useQueryStates } from 'nuqs'
import { searchAvailableNumbers } from '#contracts/phone-numbers'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'

const LISTED = 30
const KEPT_MS = 60_000 // Offers change slowly, and each search is one at Twilio.

const searchParsers = {
  country: parseAsString.withDefault('US'),
  area: parseAsString.withDefault(''),
  digits: parseAsString.withDefault(''),
}

/** What can be bought: the search stands in the address, so that step and search share one answer. */
export function useOffers(accountId: string | null, options: { isEnabled: boolean }) {
  const [search, setSearch] = useQueryStates(searchParsers)
  const query = {
    country: search.country,
    limit: LISTED,
    ...(search.area && { areaCode: search.area }),
    ...(search.digits && { contains: search.digits }),
    ...(accountId && { carrierAccountId: accountId }),
  }
  const offers = useEndpoint(
    searchAvailableNumbers,
    { query },
    { enabled: options.isEnabled, staleTime: KEPT_MS },
  )
  return { search, setSearch, offers }
}
