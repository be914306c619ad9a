import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Most of a file's time is waiting, for clocks and for the database: more files than cores.
    maxWorkers: 3,
    // Real clocks and sockets on a starved machine: what fails twice is broken.
    retry: 1,
    projects: [
      {
        test: {
          name: 'node',
          include: ['{api,bench,db,sandbox,scripts,voice}/**/*.test.ts'],
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
