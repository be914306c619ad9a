import type { FastifyInstance } from 'fastify'
import type { Leg } from '../leg.ts'
import type { MediaStream } from '../media-stream.ts'
import { rfc2822 } from '../sids.ts'
import { refuseStreamUrl } from '../twiml.ts'
import { findStream, openStream } from '../verbs/stream.ts'
import type { World } from '../world.ts'
import { field, fieldsIn, methodField, notFound, refuse } from './answers.ts'

const TRACKS = ['inbound_track', 'outbound_track', 'both_tracks']
const MAX_PARAMETERS = 99

/** One-way streams attached to a call from outside, whoever answers it. */
export function streamRoutes(app: FastifyInstance, world: World, base: string): void {
  const call = (params: unknown, url: string) => {
    const leg = world.legs.get(field(params, 'callSid') ?? '')
    if (!leg) throw notFound(url)
    return leg
  }

  app.post(`${base}/Calls/:callSid/Streams.json`, async ({ params, body, url }) => {
    const leg = call(params, url)
    if (!leg.isAnswered || leg.isOver) throw refuse(21220, 'The call is not in-progress')
    const address = field(body, 'Url') ?? ''
    const why = refuseStreamUrl(address)
    if (why) throw refuse(21205, why)
    const track = field(body, 'Track') ?? 'inbound_track'
    if (!TRACKS.includes(track)) throw refuse(20001, `Track cannot be ${track}`)
    const statusCallback = field(body, 'StatusCallback')
    const stream = openStream(world, leg, {
      url: address,
      name: field(body, 'Name'),
      track,
      isBidirectional: false,
      parameters: parametersIn(body),
      statusCallback: statusCallback
        ? { url: statusCallback, method: methodField(body, 'StatusCallbackMethod') }
        : undefined,
    })
    if (!stream) throw refuse(20001, 'The stream cannot be started; see the notifications')
    return rendered(leg, stream, 'in-progress')
  })

  app.post(`${base}/Calls/:callSid/Streams/:sid.json`, async ({ params, body, url }) => {
    const leg = call(params, url)
    const stream = findStream(leg, field(params, 'sid') ?? '')
    if (!stream) throw notFound(url)
    if (field(body, 'Status') !== 'stopped') throw refuse(20001, 'Status can only be stopped')
    stream.stop()
    return rendered(leg, stream, 'stopped')
  })
}

function parametersIn(body: unknown): Record<string, string> {
  const parameters: Record<string, string> = {}
  for (let n = 1; n <= MAX_PARAMETERS; n++) {
    const name = field(body, `Parameter${n}.Name`)
    if (name !== undefined) parameters[name] = field(fieldsIn(body), `Parameter${n}.Value`) ?? ''
  }
  return parameters
}

function rendered(leg: Leg, { sid, options }: MediaStream, status: 'in-progress' | 'stopped') {
  return {
    sid,
    account_sid: leg.accountSid,
    call_sid: leg.callSid,
    name: options.name ?? null,
    status,
    date_updated: rfc2822(new Date()),
    uri: `/2010-04-01/Accounts/${leg.accountSid}/Calls/${leg.callSid}/Streams/${sid}.json`,
  }
}
