import type { GatewayReport } from './voice-types.ts'

// Loaded before whatever is measured: answers what it has cost, and ends it with its parent.
process.on('message', (message) => {
  if (message === 'report') process.send!(report())
  if (message === 'report after collecting') {
    global.gc?.()
    process.send!(report())
  }
})
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))

function report(): GatewayReport {
  const { user, system } = process.cpuUsage()
  return { cpuUs: user + system, rssBytes: process.memoryUsage.rss() }
}
