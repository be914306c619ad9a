/** Whom the product depends on, as the code, the metrics and the office name them. */
export const vendorNames = [
  'twilio',
  'elevenlabs',
  'openai',
  'stripe',
  'clerk',
  'mail',
  'storage',
] as const
export type VendorName = (typeof vendorNames)[number]
