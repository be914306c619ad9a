import type {
  AvailableNumber,
  NumberWebhooks,
  TwilioClient,
  TwilioNumber,
} from '#api/core/vendors.ts'
import { type Attempt, orNull, type TwilioSdk } from './twilio-sdk.ts'

const MAX_NUMBERS = 1_000 // one page of the largest size
const LOCAL = 'local'

type NumbersPart = Pick<
  TwilioClient,
  | 'searchNumbers'
  | 'findNumberPrice'
  | 'listNumbers'
  | 'findNumber'
  | 'buyNumber'
  | 'pointNumber'
  | 'releaseNumber'
>

/** The numbers of one account: found, bought, pointed somewhere, given back. */
export function twilioNumbers(sdk: TwilioSdk, attempt: Attempt): NumbersPart {
  return {
    async searchNumbers({ country, ...filters }) {
      const found = await orNull(() =>
        attempt('search-numbers', true, () =>
          sdk.availablePhoneNumbers(country).local.list({
            voiceEnabled: true,
            limit: filters.limit,
            ...(filters.contains !== undefined && { contains: filters.contains }),
            ...(filters.areaCode !== undefined && { areaCode: Number(filters.areaCode) }),
          }),
        ),
      )
      return (found ?? []).map(describeAvailable)
    },
    async findNumberPrice(country) {
      const priced = await orNull(() =>
        attempt('find-number-price', true, () =>
          sdk.pricing.v1.phoneNumbers.countries(country).fetch(),
        ),
      )
      const local = priced?.phoneNumberPrices.find(({ numberType }) => numberType === LOCAL)
      const amount = local?.currentPrice ?? local?.basePrice
      if (!priced || amount === undefined) return null
      return {
        amountMicros: Math.round(Number(amount) * 1_000_000),
        currency: priced.priceUnit.toLowerCase(),
      }
    },
    async listNumbers() {
      const numbers = await attempt('list-numbers', true, () =>
        sdk.incomingPhoneNumbers.list({ limit: MAX_NUMBERS }),
      )
      return numbers.map(describeNumber)
    },
    async findNumber(e164) {
      // The filter also matches parts of numbers.
      const numbers = await attempt('find-number', true, () =>
        sdk.incomingPhoneNumbers.list({ phoneNumber: e164, limit: 20 }),
      )
      const exact = numbers.find(({ phoneNumber }) => phoneNumber === e164)
      return exact ? describeNumber(exact) : null
    },
    async buyNumber(e164, to) {
      const bought = await attempt('buy-number', false, () =>
        sdk.incomingPhoneNumbers.create({ phoneNumber: e164, ...pointing(to) }),
      )
      return describeNumber(bought)
    },
    async pointNumber(sid, to) {
      const pointed = await attempt('point-number', true, () =>
        // While an application or a trunk is set, Twilio ignores the URLs; an empty text clears it.
        sdk.incomingPhoneNumbers(sid).update({
          ...pointing(to),
          voiceApplicationSid: to.voiceApplicationSid ?? '',
          trunkSid: to.trunkSid ?? '',
        }),
      )
      return describeNumber(pointed)
    },
    async releaseNumber(sid) {
      await orNull(() =>
        attempt('release-number', true, () => sdk.incomingPhoneNumbers(sid).remove()),
      )
    },
  }
}

const pointing = (to: NumberWebhooks) => ({
  voiceUrl: to.voiceUrl,
  voiceMethod: 'POST',
  voiceFallbackUrl: to.voiceFallbackUrl,
  voiceFallbackMethod: 'POST',
  statusCallback: to.statusCallback,
  statusCallbackMethod: 'POST',
})

const describeNumber = (number: {
  sid: string
  phoneNumber: string
  friendlyName: string
  voiceUrl: string
  voiceFallbackUrl: string
  statusCallback: string
  voiceApplicationSid: string
  trunkSid: string
  capabilities: Capabilities
}): TwilioNumber => ({
  sid: number.sid,
  e164: number.phoneNumber,
  friendlyName: number.friendlyName ?? '',
  // Twilio answers null for some that were never set.
  voiceUrl: number.voiceUrl ?? '',
  voiceFallbackUrl: number.voiceFallbackUrl ?? '',
  statusCallback: number.statusCallback ?? '',
  voiceApplicationSid: number.voiceApplicationSid ?? '',
  trunkSid: number.trunkSid ?? '',
  capabilities: describeCapabilities(number.capabilities),
})

const describeAvailable = (number: {
  phoneNumber: string
  locality: string
  region: string
  isoCountry: string
  capabilities: Capabilities
}): AvailableNumber => ({
  e164: number.phoneNumber,
  locality: number.locality || null,
  region: number.region || null,
  country: number.isoCountry,
  capabilities: describeCapabilities(number.capabilities),
})

type Capabilities = { voice: boolean; sms: boolean; mms: boolean }

/** Twilio writes these keys in capitals in searches and small elsewhere. */
function describeCapabilities(given: object): Capabilities {
  const isSet = (name: string) =>
    Object.entries(given).some(([key, value]) => key.toLowerCase() === name && value === true)
  return { voice: isSet('voice'), sms: isSet('sms'), mms: isSet('mms') }
}
