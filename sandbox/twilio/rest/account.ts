import type { FastifyInstance } from 'fastify'
import { rfc2822 } from '../sids.ts'
import type { World } from '../world.ts'
import { field, listPage } from './answers.ts'

export function accountRoutes(app: FastifyInstance, world: World, base: string): void {
  app.get(`${base}.json`, async () => {
    const { sid, authToken, friendlyName, createdAt } = world.account
    return {
      auth_token: authToken,
      date_created: rfc2822(createdAt),
      date_updated: rfc2822(createdAt),
      friendly_name: friendlyName,
      owner_account_sid: sid,
      sid,
      status: 'active',
      subresource_uris: subresources(base),
      type: 'Full',
      uri: `${base}.json`,
    }
  })

  app.get(`${base}/Balance.json`, async () => ({
    account_sid: world.account.sid,
    balance: '100.00',
    currency: 'USD',
  }))

  const notifications = (callSid: string | undefined, url: string) =>
    listPage(
      'notifications',
      url,
      world.notifications.filter((one) => callSid === undefined || one.callSid === callSid),
      (one) => ({
        account_sid: world.account.sid,
        api_version: '2010-04-01',
        call_sid: one.callSid,
        date_created: rfc2822(one.at),
        date_updated: rfc2822(one.at),
        error_code: String(one.errorCode),
        log: '0',
        message_date: rfc2822(one.at),
        message_text: one.message,
        more_info: `https://www.twilio.com/docs/errors/${one.errorCode}`,
        request_method: 'POST',
        request_url: one.requestUrl,
        sid: one.sid,
        uri: `${base}/Notifications/${one.sid}.json`,
      }),
    )
  app.get(`${base}/Notifications.json`, async (request) => notifications(undefined, request.url))
  app.get(`${base}/Calls/:callSid/Notifications.json`, async (request) =>
    notifications(field(request.params, 'callSid'), request.url),
  )
}

function subresources(base: string): Record<string, string> {
  return {
    available_phone_numbers: `${base}/AvailablePhoneNumbers.json`,
    calls: `${base}/Calls.json`,
    incoming_phone_numbers: `${base}/IncomingPhoneNumbers.json`,
    notifications: `${base}/Notifications.json`,
    recordings: `${base}/Recordings.json`,
  }
}
