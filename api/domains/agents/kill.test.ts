import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Context } from '#api/core/context.ts'
import { KILLS_MS, killAtEachStep, killing } from '#api/killing-testing.ts'
import { testEnvironment } from '#api/testing.ts'
import { type Deed, perform } from './kill-testing.ts'
import { archiveAgent, getAgent, pushAgent, pushDraft, saveDraft } from './service.ts'
import { type AgentRig, agentRig, aTool } from './testing.ts'

// Of the kills that leave something else behind, so that they take seconds; with 1 each of them is walked.
const EVERY = 4

let rig: AgentRig
let die: ReturnType<typeof killing<Deed>>
beforeAll(async () => {
  rig = await agentRig()
  die = killing<Deed>({
    databaseUrls: rig.api.database.urls,
    environment: testEnvironment({ ELEVENLABS_BASE_URL: rig.url }),
    performs: path.join(import.meta.dirname, 'kill-testing.ts'),
  })
})
afterAll(() => rig.close())

const webhooks = (description: string) => ({
  endCall: true,
  keypad: false,
  transfers: [],
  webhooks: [aTool({ description }), aTool({ name: 'book_slot', description })],
})

/** An agent with all that it can refer to, whose second version waits. */
async function aScene(): Promise<{ ctx: Context; agentId: string }> {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx, {
    tools: webhooks('Finds slots.'),
    documentIds: [await rig.aDocument(ctx)],
  })
  return { ctx, agentId }
}

const scenes: Record<Deed['do'], { make(): ReturnType<typeof aScene>; copies: number }> = {
  push: { make: aScene, copies: 1 },
  'push-draft': {
    async make() {
      const scene = await aScene()
      const { draft } = await getAgent(scene.ctx, scene.agentId)
      // Held as it was; what is walked is the change.
      await pushDraft(scene.ctx, scene.agentId)
      const spec = { ...draft, prompt: 'Newer.', tools: webhooks('Finds slots, better.') }
      await saveDraft(scene.ctx, scene.agentId, { expectedRevision: 1, spec })
      return scene
    },
    copies: 1,
  },
  erase: {
    async make() {
      const scene = await aScene()
      await pushAgent(scene.ctx, scene.agentId)
      await pushDraft(scene.ctx, scene.agentId)
      await archiveAgent(scene.ctx, scene.agentId, {})
      return scene
    },
    copies: 0,
  },
}

/** Long after the dead process' claim. */
const later: () => Context = () => ({
  ...rig.api.ctx,
  now: () => new Date(Date.now() + 5 * 60_000),
})

/** All that the stand-in holds for one organization is what our rows say, once each. */
async function expectConsistent(ctx: Context, agentId: string, copies: number): Promise<void> {
  const organizationId = ctx.organizationId ?? ''
  const [row] = await rig.api.database.query<{
    published: string | null
    draft: string | null
    erased: boolean
  }>(
    'admin',
    `select elevenlabs_agent_id as published, elevenlabs_draft_agent_id as draft, erased_at is not null as erased
       from agents where id = $1`,
    [agentId],
  )
  const noted = row?.erased ? [] : [row?.published, row?.draft].filter((id) => id)
  const held = rig.heldBy(ctx)
  expect(held.map(({ agent_id }) => agent_id).toSorted()).toEqual(noted.toSorted())
  expect(held.length).toBe(copies)

  const tools = await rig.api.database.query<{ id: string }>(
    'app',
    'select elevenlabs_tool_id as id from agent_tools where agent_id = $1',
    [agentId],
    organizationId,
  )
  const known = tools.map(({ id }) => id).toSorted()
  expect(await rig.toolIds(agentId)).toEqual(known)
  expect(known.length).toBe(copies * 2)
  for (const { agent_id } of held) {
    const agent = await ctx.vendors.elevenLabs.readAgent(agent_id)
    expect(agent?.toolIds).toEqual(known)
    expect(agent?.documentIds.length).toBe(1)
  }
}

test.each(Object.keys(scenes) as Deed['do'][])(
  'killed at any step, %s is done once and whole by whoever does it again',
  async (name) => {
    const { make, copies } = scenes[name]
    const kills = await killAtEachStep({
      async make() {
        const { ctx, agentId } = await make()
        const deed: Deed = { do: name, organizationId: ctx.organizationId ?? '', agentId }
        return { ctx, agentId, deed }
      },
      die: ({ deed }, point) => die(deed, point),
      every: EVERY,
      async look({ ctx, agentId, deed }, isWhole) {
        if (!isWhole) await perform(later(), deed)
        await expectConsistent(ctx, agentId, copies)
      },
    })
    expect(kills).toBeGreaterThan(2)
  },
  KILLS_MS,
)
