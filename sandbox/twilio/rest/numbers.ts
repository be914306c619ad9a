import type { FastifyInstance } from 'fastify'
import { formatNumber, type NumberSettings, type PhoneNumber } from '../numbers.ts'
import { isE164, rfc2822 } from '../sids.ts'
import { isWebAddress } from '../webhook.ts'
import type { World } from '../world.ts'
import { field, listPage, methodField, notFound, refuse } from './answers.ts'

type Place = { locality: string; region: string; areaCode: string; postalCode: string }

const PLACES: readonly Place[] = [
  { locality: 'San Francisco', region: 'CA', areaCode: '415', postalCode: '94103' },
  { locality: 'New York', region: 'NY', areaCode: '212', postalCode: '10001' },
  { locality: 'Chicago', region: 'IL', areaCode: '312', postalCode: '60601' },
  { locality: 'Austin', region: 'TX', areaCode: '512', postalCode: '73301' },
  { locality: 'Seattle', region: 'WA', areaCode: '206', postalCode: '98101' },
]
const KINDS = { Local: '2', TollFree: '3', Mobile: '4' } as const
const AVAILABLE_PER_PLACE = 20
const URL_FIELDS = ['VoiceUrl', 'VoiceFallbackUrl', 'StatusCallback', 'SmsUrl'] as const
const MAX_FRIENDLY_NAME = 64

export function numberRoutes(app: FastifyInstance, world: World, base: string): void {
  const { numbers } = world
  const get = (params: unknown, url: string) => {
    const number = numbers.find(field(params, 'sid') ?? '')
    if (!number) throw notFound(url)
    return number
  }
  const show = (number: PhoneNumber) => rendered(number, world.account.sid, base)

  for (const [kind, prefix] of Object.entries(KINDS))
    app.get(
      `${base}/AvailablePhoneNumbers/:country/${kind}.json`,
      async ({ params, query, url }) => {
        if (field(params, 'country') !== 'US') throw notFound(url)
        return {
          available_phone_numbers: search(world, query, prefix).map(asAvailable),
          uri: url,
        }
      },
    )

  app.get(`${base}/IncomingPhoneNumbers.json`, async ({ query, url }) => {
    const wanted = field(query, 'PhoneNumber')?.replace(/[^\d*]/g, '')
    const name = field(query, 'FriendlyName')
    const found = numbers
      .list()
      .filter((number) => !wanted || number.phoneNumber.includes(wanted.replace(/\*/g, '')))
      .filter((number) => name === undefined || number.friendlyName === name)
    return listPage('incoming_phone_numbers', url, found, show)
  })

  app.post(`${base}/IncomingPhoneNumbers.json`, async ({ body }, reply) => {
    const phoneNumber = numberToBuy(world, body)
    return reply.code(201).send(show(numbers.create({ ...settingsIn(body), phoneNumber })))
  })

  app.get(`${base}/IncomingPhoneNumbers/:sid.json`, async ({ params, url }) =>
    show(get(params, url)),
  )
  app.post(`${base}/IncomingPhoneNumbers/:sid.json`, async ({ params, body, url }) =>
    show(numbers.update(get(params, url), settingsIn(body))),
  )
  app.delete(`${base}/IncomingPhoneNumbers/:sid.json`, async ({ params, url }, reply) => {
    numbers.remove(get(params, url).sid)
    return reply.code(204).send()
  })
}

function numberToBuy(world: World, body: unknown): string {
  const phoneNumber = field(body, 'PhoneNumber')
  const areaCode = field(body, 'AreaCode')
  if (phoneNumber === undefined) {
    if (areaCode === undefined) throw refuse(21452, 'No PhoneNumber or AreaCode was given')
    const [first] = search(world, { AreaCode: areaCode }, KINDS.Local)
    if (!first) throw refuse(21452, `No phone numbers found in area code ${areaCode}`)
    return first.phoneNumber
  }
  if (!isE164(phoneNumber)) throw refuse(21421, `PhoneNumber is invalid: ${phoneNumber}`)
  const isListed = Object.values(KINDS).some((kind) =>
    search(world, {}, kind).some((number) => number.phoneNumber === phoneNumber),
  )
  if (!isListed) throw refuse(21422, `Phone number ${phoneNumber} is not available.`)
  return phoneNumber
}

type Available = Place & { phoneNumber: string }

/** Every number of the kind that nobody bought: 555 01xx of a few cities, so nobody real is called. */
function search(world: World, query: unknown, kind: string): Available[] {
  const areaCode = field(query, 'AreaCode')
  const contains = field(query, 'Contains')?.replace(/\W/g, '.').replace(/\*/g, '.')
  const region = field(query, 'InRegion')
  const locality = field(query, 'InLocality')
  const size = Math.max(1, Number(field(query, 'PageSize')) || Number.POSITIVE_INFINITY)
  return PLACES.filter((place) => areaCode === undefined || place.areaCode === areaCode)
    .filter((place) => region === undefined || place.region === region)
    .filter((place) => locality === undefined || place.locality === locality)
    .flatMap((place) =>
      Array.from({ length: AVAILABLE_PER_PLACE }, (_, n) => ({
        ...place,
        phoneNumber: `+1${place.areaCode}5550${kind === '2' ? '1' : kind}${String(n).padStart(2, '0')}`,
      })),
    )
    .filter(({ phoneNumber }) => !world.isTaken(phoneNumber))
    .filter(({ phoneNumber }) => !contains || new RegExp(contains).test(phoneNumber))
    .slice(0, Number.isFinite(size) ? size : undefined)
}

function asAvailable({ phoneNumber, locality, region, postalCode }: Available) {
  return {
    friendly_name: formatNumber(phoneNumber),
    phone_number: phoneNumber,
    lata: null,
    locality,
    rate_center: locality.toUpperCase().slice(0, 10),
    latitude: null,
    longitude: null,
    region,
    postal_code: postalCode,
    iso_country: 'US',
    address_requirements: 'none',
    beta: false,
    capabilities: { voice: true, SMS: true, MMS: true },
  }
}

function settingsIn(body: unknown): NumberSettings {
  const settings: NumberSettings = {}
  const text = (name: string) => field(body, name)
  for (const name of URL_FIELDS) {
    const url = text(name)
    if (url && !isWebAddress(url)) throw refuse(21402, `${name} is not a valid URL: ${url}`)
  }
  const name = text('FriendlyName')
  if (name !== undefined && name.length > MAX_FRIENDLY_NAME)
    throw refuse(20001, `FriendlyName has at most ${MAX_FRIENDLY_NAME} characters`)
  const set = <K extends keyof NumberSettings>(key: K, value: NumberSettings[K] | undefined) => {
    if (value !== undefined) settings[key] = value
  }
  set('friendlyName', name)
  set('voiceUrl', text('VoiceUrl'))
  set('voiceFallbackUrl', text('VoiceFallbackUrl'))
  set('statusCallback', text('StatusCallback'))
  set('smsUrl', text('SmsUrl'))
  set('voiceApplicationSid', text('VoiceApplicationSid'))
  set('trunkSid', text('TrunkSid'))
  if (text('VoiceMethod')) set('voiceMethod', methodField(body, 'VoiceMethod'))
  if (text('VoiceFallbackMethod'))
    set('voiceFallbackMethod', methodField(body, 'VoiceFallbackMethod'))
  if (text('StatusCallbackMethod'))
    set('statusCallbackMethod', methodField(body, 'StatusCallbackMethod'))
  return settings
}

function rendered(number: PhoneNumber, accountSid: string, base: string) {
  return {
    account_sid: accountSid,
    address_requirements: 'none',
    address_sid: null,
    api_version: '2010-04-01',
    beta: false,
    capabilities: { voice: true, sms: true, mms: true, fax: false },
    date_created: rfc2822(new Date(number.createdAt)),
    date_updated: rfc2822(new Date(number.updatedAt)),
    emergency_status: 'Inactive',
    emergency_address_sid: null,
    emergency_address_status: 'unregistered',
    friendly_name: number.friendlyName,
    identity_sid: null,
    origin: 'twilio',
    phone_number: number.phoneNumber,
    sid: number.sid,
    sms_application_sid: '',
    sms_fallback_method: 'POST',
    sms_fallback_url: '',
    sms_method: 'POST',
    sms_url: number.smsUrl,
    status_callback: number.statusCallback,
    status_callback_method: number.statusCallbackMethod,
    trunk_sid: number.trunkSid || null,
    uri: `${base}/IncomingPhoneNumbers/${number.sid}.json`,
    voice_application_sid: number.voiceApplicationSid,
    voice_caller_id_lookup: false,
    voice_fallback_method: number.voiceFallbackMethod,
    voice_fallback_url: number.voiceFallbackUrl,
    voice_method: number.voiceMethod,
    voice_url: number.voiceUrl,
    voice_receive_mode: 'voice',
    status: 'in-use',
    bundle_sid: null,
    type: 'local',
    subresource_uris: {},
  }
}
