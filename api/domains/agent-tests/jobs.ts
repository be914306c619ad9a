export { runNextJob, sweepRunsJob } from './runs/run-next.ts'
