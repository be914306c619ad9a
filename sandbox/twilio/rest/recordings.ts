import type { FastifyInstance } from 'fastify'
import { Recording, type RecordingOptions, type RecordingSource } from '../recording.ts'
import { rfc2822 } from '../sids.ts'
import { isWebAddress } from '../webhook.ts'
import type { World } from '../world.ts'
import { field, fields, listPage, methodField, notFound, Refusal, refuse } from './answers.ts'

const CURRENT = 'Twilio.CURRENT'

export function recordingRoutes(app: FastifyInstance, world: World, base: string): void {
  const all = () => [...world.recordings.values()].reverse()
  const ofCall = (callSid: string | undefined) => all().filter((r) => r.leg.callSid === callSid)
  const get = (params: unknown, url: string) => {
    const callSid = field(params, 'callSid')
    const sid = field(params, 'sid')
    const candidates = callSid === undefined ? all() : ofCall(callSid)
    const recording = candidates.find((r) => (sid === CURRENT ? r.isRunning : r.sid === sid))
    if (!recording) throw notFound(url)
    return recording
  }

  app.post(`${base}/Calls/:callSid/Recordings.json`, async ({ params, body, url }, reply) => {
    const leg = world.legs.get(field(params, 'callSid') ?? '')
    if (!leg) throw notFound(url)
    if (!leg.isAnswered || leg.isOver)
      throw refuse(21220, 'Requested resource is not eligible for recording')
    const recording = new Recording(world, leg, recordingOptionsIn(body, 'StartCallRecordingAPI'))
    return reply.code(201).send(renderCallRecording(recording))
  })

  app.get(`${base}/Calls/:callSid/Recordings.json`, async ({ params, url }) =>
    listPage('recordings', url, ofCall(field(params, 'callSid')), renderCallRecording),
  )

  app.get(`${base}/Calls/:callSid/Recordings/:sid.json`, async ({ params, url }) =>
    renderCallRecording(get(params, url)),
  )

  app.post(`${base}/Calls/:callSid/Recordings/:sid.json`, async ({ params, body, url }) => {
    const recording = get(params, url)
    const status = field(body, 'Status')
    if (!recording.isRunning) throw refuse(21220, 'Recording is not in-progress. Cannot update.')
    if (status === 'stopped') recording.stop()
    else if (status === 'paused') recording.pause()
    else if (status === 'in-progress') recording.resume()
    else throw refuse(20001, `Status cannot be ${status}`)
    return renderCallRecording(recording)
  })

  app.get(`${base}/Recordings.json`, async ({ query, url }) => {
    const callSid = field(query, 'CallSid')
    const found = callSid === undefined ? all() : ofCall(callSid)
    return listPage('recordings', url, found, renderRecording)
  })

  app.delete(`${base}/Recordings/:sid.json`, async ({ params, url }, reply) => {
    world.recordings.delete(get(params, url).sid)
    return reply.code(204).send()
  })

  // One route for the resource and its media, which differ in the ending only.
  app.get(`${base}/Recordings/:file`, async ({ params, query, url }, reply) => {
    const [sid, ending = 'wav'] = (field(params, 'file') ?? '').split('.')
    const recording = get({ sid }, url)
    if (ending === 'json') return renderRecording(recording)
    if (ending !== 'wav' || recording.status !== 'completed') throw notFound(url)
    // Whether Twilio mixes what nobody asks for apart is not confirmed, nor what it does where there is one side only.
    const channels = field(query, 'RequestedChannels') === '2' ? 2 : 1
    if (channels > recording.options.channels)
      throw refuse(20001, 'RequestedChannels exceeds the channels of the recording')
    return reply.type('audio/x-wav').send(recording.media(channels))
  })
}

export function recordingOptionsIn(body: unknown, source: RecordingSource): RecordingOptions {
  const url = field(body, 'RecordingStatusCallback')
  if (url && !isWebAddress(url))
    throw refuse(21205, `RecordingStatusCallback is not a valid URL: ${url}`)
  const channels = field(body, 'RecordingChannels') ?? 'mono'
  if (channels !== 'mono' && channels !== 'dual')
    throw new Refusal(400, 20001, `RecordingChannels cannot be ${channels}`)
  const track = field(body, 'RecordingTrack') ?? 'both'
  if (track !== 'both' && track !== 'inbound' && track !== 'outbound')
    throw refuse(20001, `RecordingTrack cannot be ${track}`)
  const events = fields(body, 'RecordingStatusCallbackEvent').flatMap((event) => event.split(' '))
  return {
    channels: channels === 'dual' ? 2 : 1,
    track,
    source,
    callback: url
      ? {
          url,
          method: methodField(body, 'RecordingStatusCallbackMethod'),
          events: events.length > 0 ? events : ['completed'],
        }
      : undefined,
  }
}

function renderRecording(recording: Recording) {
  const { leg, sid, options, status, startedAt, updatedAt, errorCode } = recording
  return {
    account_sid: leg.accountSid,
    api_version: '2010-04-01',
    call_sid: leg.callSid,
    conference_sid: null,
    channels: options.channels,
    date_created: rfc2822(startedAt),
    date_updated: rfc2822(updatedAt),
    start_time: rfc2822(startedAt),
    price: null,
    price_unit: 'USD',
    duration: recording.isRunning ? null : String(Math.round(recording.durationSeconds)),
    sid,
    source: options.source,
    status,
    error_code: errorCode,
    uri: `${recording.path()}.json`,
    encryption_details: null,
    subresource_uris: {},
    media_url: recording.mediaUrl(),
  }
}

function renderCallRecording(recording: Recording) {
  const { media_url: _media, subresource_uris: _uris, ...shared } = renderRecording(recording)
  const { leg, sid, options } = recording
  return {
    ...shared,
    track: options.track,
    uri: `/2010-04-01/Accounts/${leg.accountSid}/Calls/${leg.callSid}/Recordings/${sid}.json`,
  }
}
