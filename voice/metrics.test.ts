import { expect, test } from 'vitest'
import { createMetrics } from '#api/core/metrics.ts'
import { addGatewayMetrics } from './metrics.ts'

test('a gateway tells its calls by state, its sockets and what waits on disk', async () => {
  const metrics = createMetrics('voice-1')
  const gateway = {
    callCount: 4,
    callsByState: { expected: 2, live: 3, ending: 1 },
    viewerCount: 5,
    isDraining: false,
    pendingFiles: { waiting: 6, setAside: 0 },
  }
  const stats = {
    usedBytes: 7,
    maxBytes: 70,
    segments: 0,
    waitingBytes: 0,
    lostRecords: 0,
    failedWrites: 0,
  }
  const spool = { stats: () => stats }
  addGatewayMetrics(metrics, gateway, spool)
  metrics.refused.inc({ check: 'media_signature' })
  const told = await metrics.registry.metrics()
  for (const line of [
    'voxcalls_gateway_calls_by_state{state="expected",process="voice-1"} 2',
    'voxcalls_gateway_calls_by_state{state="live",process="voice-1"} 3',
    'voxcalls_gateway_calls_by_state{state="ending",process="voice-1"} 1',
    'voxcalls_gateway_sockets{peer="caller",process="voice-1"} 3',
    'voxcalls_gateway_sockets{peer="console",process="voice-1"} 5',
    'voxcalls_pending_files{process="voice-1"} 6',
    'voxcalls_tape_spool_bytes{process="voice-1"} 7',
    'voxcalls_tape_spool_limit_bytes{process="voice-1"} 70',
    'voxcalls_refused_checks_total{check="media_signature",process="voice-1"} 1',
  ])
    expect(told).toContain(`${line}\n`)
  metrics.stop()
})
