import type { FastifyInstance } from 'fastify'
import { notFound } from '#api/core/errors.ts'
import { serve, serveBytes } from '#api/http/serve.ts'
import * as api from './contract.ts'
import * as agents from './service.ts'

export async function agentRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listAgents, (ctx, { query }) => agents.listAgents(ctx, query))
  serve(app, api.createAgent, (ctx, { body }) => agents.createAgent(ctx, body))
  serve(app, api.getAgent, (ctx, { params }) => agents.getAgent(ctx, params.agentId))
  serve(app, api.renameAgent, (ctx, { params, body }) =>
    agents.renameAgent(ctx, params.agentId, body),
  )
  serve(app, api.saveDraft, (ctx, { params, body }) => agents.saveDraft(ctx, params.agentId, body))
  serve(app, api.publishAgent, (ctx, { params, body }) =>
    agents.publishAgent(ctx, params.agentId, body),
  )
  serve(app, api.changePublishGate, (ctx, { params, body }) =>
    agents.changePublishGate(ctx, params.agentId, body),
  )
  serve(app, api.listVersions, (ctx, { params, query }) =>
    agents.listVersions(ctx, params.agentId, query),
  )
  serve(app, api.getVersion, (ctx, { params }) =>
    agents.getVersion(ctx, params.agentId, params.number),
  )
  serve(app, api.diffVersions, (ctx, { params, query }) =>
    agents.diffVersions(ctx, params.agentId, query),
  )
  serve(app, api.rollbackAgent, (ctx, { params, body }) =>
    agents.rollbackAgent(ctx, params.agentId, body),
  )
  serve(app, api.duplicateAgent, (ctx, { params, body }) =>
    agents.duplicateAgent(ctx, params.agentId, body),
  )
  serve(app, api.archiveAgent, (ctx, { params, body }) =>
    agents.archiveAgent(ctx, params.agentId, body),
  )
  serve(app, api.pushAgain, (ctx, { params }) => agents.pushAgain(ctx, params.agentId))
  serve(app, api.checkDrift, (ctx, { params }) => agents.checkDrift(ctx, params.agentId))
  serve(app, api.resolveDrift, (ctx, { params, body }) =>
    agents.resolveDrift(ctx, params.agentId, body),
  )
  serve(app, api.listVoices, (ctx, { query }) => ctx.vendors.elevenLabs.listVoices(query))
  serveBytes(app, api.getVoiceSample, async (ctx, { params }, { reply }) => {
    const sample = await ctx.vendors.elevenLabs.fetchVoiceSample(params.voice)
    if (!sample) throw notFound('sample')
    // The same for everybody, and seldom another one.
    return reply.type('audio/mpeg').header('cache-control', 'private, max-age=3600').send(sample)
  })
  serve(app, api.getToolKey, (ctx) => agents.describeToolKey(ctx))
  serve(app, api.replaceToolKey, (ctx) => agents.replaceToolKey(ctx))
  serve(app, api.testTool, (ctx, { body }) => agents.testTool(ctx, body))
}
