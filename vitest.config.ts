import { defineConfig } from 'vitest/config'

// Whole calls and servers in real time. A machine with no time for them breaks one now and then; what fails twice
// is broken. None of them draws at random, so that a second try can hide no counter-example.
const inRealTime = [
  'voice/gateway-*.test.ts',
  'voice/live/socket.test.ts',
  'voice/twilio/webhooks.test.ts',
  'db/embedded.test.ts',
  'sandbox/control/*.test.ts',
]

export default defineConfig({
  test: {
    // Most of a file's time is waiting, for clocks and for the database: more files than cores.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'node',
          include: ['{api,bench,db,sandbox,scripts,voice}/**/*.test.ts'],
          exclude: inRealTime,
          environment: 'node',
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'real-time',
          include: inRealTime,
          retry: 1,
          environment: 'node',
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'web',
          include: ['web/**/*.test.{ts,tsx}'],
          environment: 'jsdom',
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          environment: 'node',
          // Each file starts the whole product; two at once on two cores would only test the machine.
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
})
