import { defineConfig } from 'vitest/config'
import TestOrder from './scripts/test-order.ts'

// A machine with no time to spare breaks a test of the real clock, database or browser now and then: what fails twice
// is broken, and what needed a second try is named at the end of the run. A counter-example drawn at random is
// believed at once, for a second try would draw others.
const SECOND_TRY = { count: 1, condition: /^(?!Property failed)/ }

// Whole calls and servers in real time.
const inRealTime = [
  'voice/gateway-*.test.ts',
  'voice/test-call.test.ts',
  'voice/test-call-runs.test.ts',
  'voice/live/socket.test.ts',
  'voice/twilio/webhooks.test.ts',
  'db/embedded.test.ts',
  'sandbox/control/*.test.ts',
]

// Real calls under a clock: what else runs at that moment would be what is tested.
const aloneOnTheMachine = ['e2e/demo.test.ts', 'e2e/kill.test.ts']

export default defineConfig({
  test: {
    // Most of a file's time is waiting, for clocks and for the database: more files than cores.
    maxWorkers: 4,
    sequence: { sequencer: TestOrder },
    projects: [
      {
        test: {
          name: 'node',
          include: ['{api,bench,db,sandbox,scripts,voice}/**/*.test.ts'],
          exclude: inRealTime,
          retry: SECOND_TRY,
          environment: 'node',
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'real-time',
          include: inRealTime,
          retry: SECOND_TRY,
          environment: 'node',
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'web',
          include: ['web/**/*.test.{ts,tsx}'],
          retry: SECOND_TRY,
          environment: 'jsdom',
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'screens',
          include: ['e2e/**/*.test.ts'],
          exclude: aloneOnTheMachine,
          // Most files share one whole product, which it starts when the first of them asks.
          globalSetup: 'e2e/house.ts',
          retry: SECOND_TRY,
          environment: 'node',
          // Each file has a browser, which is what costs most; a group of its own may have workers of its own.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 180_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'calls',
          include: aloneOnTheMachine,
          retry: SECOND_TRY,
          environment: 'node',
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 180_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
})
