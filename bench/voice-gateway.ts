import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { Bridge } from '#voice/bridge.ts'
import { systemClock } from '#voice/clock.ts'
import type { WireSocket } from '#voice/socket.ts'
import { noTape } from '#voice/tape/format.ts'
import { Spool } from '#voice/tape/spool.ts'
import { acceptUpgrade } from '#voice/ws/accept.ts'
import { connectOwn } from '#voice/ws/connect.ts'
import { connectWs, fromWs } from '#voice/ws/library.ts'
import type { GatewayMode, GatewayReport } from './voice-types.ts'

// The process that is measured: one of several ways to carry the same calls. Its parent tells it the mode and the
// vendor's port, and asks it for reports.
const [mode, vendorPort] = process.argv.slice(2) as [GatewayMode, string]
const LIMITS = { messageBytes: 65_536, fragments: 16 }
const METER_MS = 1_000 // as the metering of a call reads its two integers

const isTaped = mode === 'bridge' || mode === 'bridge-ws'
const dir = mkdtempSync(join(tmpdir(), 'bench-spool-'))
const spool = isTaped
  ? await Spool.open({
      dir,
      gateway: 'bench',
      clock: systemClock,
      onError: (error) => {
        throw error
      },
    })
  : undefined
const live = new Set<Bridge>()
const accepting = new WebSocketServer({ noServer: true, perMessageDeflate: false })
const vendorUrl = (request: IncomingMessage) =>
  `ws://127.0.0.1:${vendorPort}${request.url?.replace('/twilio', '/agent')}`

const server = createServer()
server.on('upgrade', (request, stream, head) => {
  if (mode === 'relay') relay(request, stream, head)
  else if (mode === 'bridge-ws')
    accepting.handleUpgrade(request, stream, head, (raw) => bridge(request, fromWs(raw), connectWs))
  else {
    const socket = acceptUpgrade(request, stream, head, LIMITS)
    if (socket) bridge(request, socket, connectOwn)
  }
})

/** The baseline: what comes from one side goes to the other, unread. */
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

function bridge(
  request: IncomingMessage,
  twilio: WireSocket,
  connect: (url: string, signal: AbortSignal) => Promise<WireSocket>,
): void {
  const callId = request.url ?? ''
  const call = new Bridge({
    callId,
    streamSid: `MZ${'a'.repeat(32)}`,
    twilio,
    clock: systemClock,
    connectAgent: (_attempt, signal) => connect(vendorUrl(request), signal),
    initiation: () => ({ type: 'conversation_initiation_client_data' }),
    tape: spool?.call(callId) ?? noTape,
    notices: {},
    listener: {
      ready() {},
      turn() {},
      tentative() {},
      event() {},
      ended: () => void live.delete(call),
    },
  })
  live.add(call)
  twilio.onMessage((data, isBinary) => call.handleTwilio(data, isBinary))
  call.start()
}

let meteredMs = 0
setInterval(() => {
  for (const call of live) meteredMs = Math.max(meteredMs, call.mediaMs + call.levels().customer)
}, METER_MS)

function report(): GatewayReport {
  const { user, system } = process.cpuUsage()
  const lostRecords = spool?.stats().lostRecords ?? 0
  return { cpuUs: user + system, sysUs: system, rssBytes: process.memoryUsage.rss(), lostRecords }
}

process.on('message', (message) => {
  if (message === 'report') process.send!(report())
})
process.on('disconnect', () => {
  rmSync(dir, { recursive: true, force: true })
  process.exit()
})
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port))
