import { Gauge } from 'prom-client'
import type { Metrics } from '#api/core/metrics.ts'
import type { Gateway } from './gateway.ts'
import type { Spool } from './tape/spool.ts'

/** Calls, watchers and spool of this gateway, read when Prometheus asks (THREATS Z9). */
export function addGatewayMetrics(
  { registry }: Metrics,
  gateway: Pick<
    Gateway,
    'callCount' | 'callsByState' | 'viewerCount' | 'isDraining' | 'pendingFiles'
  >,
  spool: Pick<Spool, 'stats'>,
): void {
  const gauges: { name: string; help: string; read: () => number }[] = [
    {
      name: 'voxcalls_gateway_calls',
      help: 'Calls on this gateway',
      read: () => gateway.callCount,
    },
    {
      name: 'voxcalls_gateway_viewers',
      help: 'Consoles watching',
      read: () => gateway.viewerCount,
    },
    {
      name: 'voxcalls_gateway_draining',
      help: '1 while draining',
      read: () => Number(gateway.isDraining),
    },
    {
      name: 'voxcalls_pending_files',
      help: 'Streams whose turns wait on disk for the database',
      read: () => gateway.pendingFiles.waiting,
    },
    {
      name: 'voxcalls_pending_refused_files',
      help: 'Files of turns that the database refuses, set aside',
      read: () => gateway.pendingFiles.setAside,
    },
    {
      name: 'voxcalls_tape_spool_bytes',
      help: 'What the tapes of calls that run, or are not stored yet, take of the disk',
      read: () => spool.stats().usedBytes,
    },
    {
      name: 'voxcalls_tape_spool_limit_bytes',
      help: 'What they may take; beyond it recordings have gaps',
      read: () => spool.stats().maxBytes,
    },
    {
      name: 'voxcalls_tape_unwritten_bytes',
      help: 'Tape bytes not on disk yet',
      read: () => spool.stats().waitingBytes,
    },
    {
      name: 'voxcalls_tape_lost_records',
      help: 'Tape records that found no room since this process began',
      read: () => spool.stats().lostRecords,
    },
    {
      name: 'voxcalls_tape_failed_writes',
      help: 'Writes of the tape that the disk refused since this process began',
      read: () => spool.stats().failedWrites,
    },
  ]
  const labelled = (name: string, help: string, label: string, read: () => object) =>
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        for (const [value, count] of Object.entries(read())) this.set({ [label]: value }, count)
      },
    })
  labelled(
    'voxcalls_gateway_calls_by_state',
    'Calls of this gateway',
    'state',
    () => gateway.callsByState,
  )
  labelled('voxcalls_gateway_sockets', 'Open sockets by who is at the other end', 'peer', () => ({
    caller: gateway.callsByState.live,
    console: gateway.viewerCount,
  }))
  for (const gauge of gauges) {
    new Gauge({
      name: gauge.name,
      help: gauge.help,
      registers: [registry],
      collect() {
        this.set(gauge.read())
      },
    })
  }
}
