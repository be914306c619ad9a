/** What a super admin can switch off for one organization; everything is on until then. */
export const featureFlags = [
  'agent_calls',
  'outbound_calls',
  'live_calls',
  'meetings',
  'mock_calls',
  'live_suggestions',
  'analysis',
  'knowledge',
  'api_keys',
  'webhooks',
] as const
export type FeatureFlag = (typeof featureFlags)[number]
