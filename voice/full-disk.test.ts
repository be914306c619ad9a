import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMetrics } from '#api/core/metrics.ts'
import { aBridge, audioSentTo, base64Of } from './bridge-testing.ts'
import { handWoundClock } from './clock.ts'
import { addGatewayMetrics } from './metrics.ts'
import { diskError, everyFile } from './tape/disk-testing.ts'
import { listSegments } from './tape/reader.ts'
import { splitCall } from './tape/split.ts'
import { Spool } from './tape/spool.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'full-disk-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(dir, { recursive: true, force: true })
})

test('a full disk costs the tape, is told in metrics, and the call goes on', async () => {
  const clock = handWoundClock()
  const told: unknown[] = []
  const spool = await Spool.open({
    dir,
    gateway: 'g1',
    clock,
    onError: (error) => void told.push(error),
  })
  const metrics = createMetrics('g1')
  const pendingFiles = { waiting: 0, setAside: 0 }
  const callsByState = { expected: 0, live: 1, ending: 0 }
  const gateway = { callCount: 1, callsByState, viewerCount: 0, isDraining: false, pendingFiles }
  addGatewayMetrics(metrics, gateway, spool)
  const write = vi
    .spyOn(await everyFile(dir), 'write')
    .mockImplementation(() => Promise.reject(diskError('ENOSPC')))

  const { bridge, speak, answer, ended } = aBridge({ tape: spool.call('a') })
  bridge.start()
  const agent = await answer()
  speak(50, 0x11)
  await vi.waitUntil(
    () => {
      clock.advance(250)
      return spool.stats().lostRecords > 0
    },
    { timeout: 15_000, interval: 1 },
  )
  speak(50, 0x12)
  expect(audioSentTo(agent)).toEqual([0x11, 0x12].flatMap((byte) => Array(50).fill(base64Of(byte))))
  expect(told[0]).toMatchObject({ code: 'ENOSPC' })
  expect(await readMetric(metrics, 'voxcalls_tape_failed_writes')).toBeGreaterThan(1)
  expect(await readMetric(metrics, 'voxcalls_tape_lost_records')).toBe(spool.stats().lostRecords)
  expect(await readMetric(metrics, 'voxcalls_tape_unwritten_bytes')).toBeGreaterThan(0)

  write.mockRestore()
  bridge.end('operator')
  expect(ended).toMatchObject([{ reason: 'operator' }])
  await spool.close()
  const files = await listSegments([dir])
  const split = await splitCall({ files, callId: 'a', target: path.join(dir, 'a.out') })
  metrics.stop()
  expect(split).toMatchObject({ lostRecords: spool.stats().lostRecords, isTorn: false })
})

async function readMetric(
  metrics: ReturnType<typeof createMetrics>,
  name: string,
): Promise<number> {
  const metric = await metrics.registry.getSingleMetric(name)?.get()
  return metric?.values[0]?.value ?? Number.NaN
}
