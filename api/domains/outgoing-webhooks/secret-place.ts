import type { SecretPlace } from '#api/core/secrets/service.ts'

/** Where an address's signing secret stands: sealed for this row, it opens in no other. */
export const secretPlace = (endpointId: string): SecretPlace => ({
  table: 'webhook_endpoints',
  column: 'secret',
  rowId: endpointId,
})
