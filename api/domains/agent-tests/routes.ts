import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import * as tests from './service.ts'

export async function agentTestRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listAgentTests, (ctx, { params, query }) =>
    tests.listAgentTests(ctx, params.agentId, query),
  )
  serve(app, api.createAgentTest, (ctx, { params, body }) =>
    tests.createAgentTest(ctx, params.agentId, body),
  )
  serve(app, api.getAgentTest, (ctx, { params }) =>
    tests.getAgentTest(ctx, params.agentId, params.testId),
  )
  serve(app, api.replaceAgentTest, (ctx, { params, body }) =>
    tests.replaceAgentTest(ctx, params.agentId, params.testId, body),
  )
  serve(app, api.deleteAgentTest, (ctx, { params }) =>
    tests.deleteAgentTest(ctx, params.agentId, params.testId),
  )
  serve(app, api.startTestRuns, (ctx, { params, body }) =>
    tests.startTestRuns(ctx, params.agentId, body),
  )
  serve(app, api.listTestRuns, (ctx, { params, query }) =>
    tests.listTestRuns(ctx, params.agentId, query),
  )
  serve(app, api.getTestRun, (ctx, { params }) =>
    tests.getTestRun(ctx, params.agentId, params.runId),
  )
  serve(app, api.endTestRun, (ctx, { params }) =>
    tests.endTestRun(ctx, params.agentId, params.runId),
  )
}
