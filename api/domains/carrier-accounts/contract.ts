import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

export const carrierAccount = z.object({
  id: z.uuid(),
  label: z.string(),
  twilioAccountSid: z.string(),
  /** All that is ever shown of the token. */
  authTokenLastFour: z.string(),
  /** `refused`: Twilio did not take the token any more when it was used last. */
  state: z.enum(['verified', 'refused']),
  verifiedAt: instant,
  /** Numbers of this organization that the account holds. */
  phoneNumbers: z.int(),
  createdAt: instant,
})

const accountSid = z.string().regex(/^AC[0-9a-fA-F]{32}$/, 'AC and 32 hexadecimal digits')
const authToken = z
  .string()
  .min(16)
  .max(100)
  .regex(/^[\x21-\x7e]+$/, 'no spaces')
const label = z.string().trim().max(80)
const params = z.strictObject({ carrierAccountId: z.uuid() })
const resources = { carrierAccountId: 'carrier-account' }

export const listCarrierAccounts = endpoint({
  method: 'GET',
  path: '/v1/carrier-accounts',
  permission: 'phone-numbers.read',
  summary: "The organization's own Twilio accounts, newest first",
  query: pageQuery,
  response: pageOf(carrierAccount),
})

export const connectCarrierAccount = endpoint({
  method: 'POST',
  path: '/v1/carrier-accounts',
  permission: 'phone-numbers.write',
  peopleOnly: true,
  summary: 'Connects a Twilio account, once Twilio has taken the token',
  status: 201,
  body: z.strictObject({ twilioAccountSid: accountSid, authToken, label: label.default('') }),
  response: carrierAccount,
})

export const renameCarrierAccount = endpoint({
  method: 'PATCH',
  path: '/v1/carrier-accounts/:carrierAccountId',
  permission: 'phone-numbers.write',
  summary: 'Gives a Twilio account another label',
  params,
  body: z.strictObject({ label }),
  response: carrierAccount,
  resources,
})

export const rotateCarrierToken = endpoint({
  method: 'POST',
  path: '/v1/carrier-accounts/:carrierAccountId/rotate-token',
  permission: 'phone-numbers.write',
  peopleOnly: true,
  summary: 'Replaces the auth token, once Twilio has taken the new one',
  params,
  body: z.strictObject({ authToken }),
  response: carrierAccount,
  resources,
})

export const disconnectCarrierAccount = endpoint({
  method: 'DELETE',
  path: '/v1/carrier-accounts/:carrierAccountId',
  permission: 'phone-numbers.write',
  peopleOnly: true,
  summary: 'Forgets a Twilio account and its token; refused while numbers use it',
  status: 204,
  params,
  response: z.void(),
  resources,
})
