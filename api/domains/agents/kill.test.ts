import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Context, forOrganization } from '#api/core/context.ts'
import { testEnvironment } from '#api/testing.ts'
import { type Deed, perform } from './kill-testing.ts'
import { archiveAgent, getAgent, pushAgent, pushDraft, saveDraft } from './service.ts'
import { type AgentRig, agentRig, aTool } from './testing.ts'

// Every 23rd step from the last one back, and the moment after it; with 1 every one is walked, in minutes.
const STRIDE = 23
const AT_ONCE = 3 // processes: each is a second of starting up
const KILLS_MS = 240_000
const PROGRAM = path.join(import.meta.dirname, 'killed-process-testing.ts')

let rig: AgentRig
let environment: Record<string, string>
beforeAll(async () => {
  rig = await agentRig()
  environment = testEnvironment({ ELEVENLABS_BASE_URL: rig.url })
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

/** How many steps it took, or null where it was killed on the way. */
async function inAProcessThatIsKilled(deed: Deed, point: number): Promise<number | null> {
  const child = spawn(
    process.execPath,
    [PROGRAM, JSON.stringify(rig.api.database.urls), String(point), JSON.stringify(deed)],
    { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  let complained = ''
  child.stdout.on('data', (part) => {
    said += part
  })
  child.stderr.on('data', (part) => {
    complained += part
  })
  const [, signal] = await once(child, 'close')
  if (signal !== 'SIGKILL') throw new Error(`it was not killed but ended: ${complained}`)
  return said === '' ? null : Number(said)
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
    const whole = await make()
    const deedOf = ({ ctx, agentId }: typeof whole): Deed => ({
      do: name,
      organizationId: ctx.organizationId ?? '',
      agentId,
    })
    const steps = (await inAProcessThatIsKilled(deedOf(whole), 0)) ?? 0
    await expectConsistent(whole.ctx, whole.agentId, copies)
    expect(steps).toBeGreaterThan(10)

    const points = [steps + 1]
    for (let point = steps; point > 0; point -= STRIDE) points.unshift(point)
    const hand = async () => {
      for (let point = points.shift(); point; point = points.shift()) {
        const scene = await make()
        const deed = deedOf(scene)
        const told = await inAProcessThatIsKilled(deed, point)
        expect(told === null, `${name} at ${point}`).toBe(point <= steps)
        await perform(later(), deed)
        await expectConsistent(
          forOrganization(rig.api.ctx, deed.organizationId),
          scene.agentId,
          copies,
        )
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, hand))
  },
  KILLS_MS,
)
