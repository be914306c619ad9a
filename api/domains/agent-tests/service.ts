export { endTestRun } from './runs/end.ts'
export { getTestRun, listTestRuns } from './runs/read.ts'
export { startTestRuns } from './runs/start.ts'
export {
  createAgentTest,
  deleteAgentTest,
  getAgentTest,
  listAgentTests,
  replaceAgentTest,
} from './tests.ts'
