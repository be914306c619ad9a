import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { Bridge } from '#voice/bridge.ts'
import { systemClock } from '#voice/clock.ts'
import type { WireSocket } from '#voice/socket.ts'
import { noTape } from '#voice/tape/format.ts'
import { acceptUpgrade } from '#voice/ws/accept.ts'
import { connectOwn } from '#voice/ws/connect.ts'
import type { GatewayMode } from './voice-types.ts'

// The processes that are compared with the product. Their parent tells them the mode and the vendor's port.
const [mode, vendorPort] = process.argv.slice(2) as [GatewayMode, string]
const LIMITS = { messageBytes: 65_536, fragments: 16 }

// As anybody would set up `ws`, neither crippled nor tuned: without compression, which its client offers by default and
// which costs a relay half as much again; the buffers, `noDelay` and all else as the library has them.
const accepting = new WebSocketServer({ noServer: true, perMessageDeflate: false })
const vendorUrl = (request: IncomingMessage) =>
  `ws://127.0.0.1:${vendorPort}${request.url?.replace('/twilio', '/agent')}`

const server = createServer()
server.on('upgrade', (request, stream, head) => {
  if (mode === 'relay') relay(request, stream, head)
  else bridge(request, acceptUpgrade(request, stream, head, LIMITS))
})

/** The baseline: what comes from one side goes to the other, unread. It sees neither marks nor their return. */
function relay(request: IncomingMessage, stream: Duplex, head: Buffer): void {
  accepting.handleUpgrade(request, stream, head, (twilio) => {
    const agent = new WebSocket(vendorUrl(request), { perMessageDeflate: false })
    agent.on('message', (data, binary) => twilio.send(data, { binary }))
    twilio.on('message', (data, binary) => {
      if (agent.readyState === WebSocket.OPEN) agent.send(data, { binary })
    })
    twilio.on('close', () => agent.terminate())
    agent.on('error', () => twilio.terminate())
    twilio.on('error', () => agent.terminate())
  })
}

/** The media path alone: frames, marks and the bridge, nothing that listens to them. */
function bridge(request: IncomingMessage, twilio: WireSocket | undefined): void {
  if (!twilio) return
  const call = new Bridge({
    callId: request.url ?? '',
    streamSid: `MZ${'a'.repeat(32)}`,
    twilio,
    clock: systemClock,
    connectAgent: (_attempt, signal) => connectOwn(vendorUrl(request), signal),
    initiation: () => ({ type: 'conversation_initiation_client_data' }),
    tape: noTape,
    notices: {},
    listener: {
      ready() {},
      turn() {},
      tentative() {},
      event() {},
      ended() {},
    },
  })
  twilio.onMessage((data, isBinary) => call.handleTwilio(data, isBinary))
  call.start()
}

server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port))
