import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentSpec } from '#api/contract/agent-spec.ts'
import type { Call } from '#api/contract/endpoint.ts'
import { problem } from '#api/contract/problem.ts'
import * as contract from './contract.ts'
import {
  createAgent,
  getAgent,
  publishAgent,
  renameAgent,
  rollbackAgent,
  saveDraft,
} from './service.ts'
import { type AgentRig, agentRig, aTool, dana } from './testing.ts'

let rig: AgentRig
beforeAll(async () => {
  rig = await agentRig()
})
afterAll(() => rig.close())

const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code

test('a new agent has a draft, is published nowhere, and goes to nobody', async () => {
  const { admin } = await rig.anOrganization()
  const body = { name: ' Dana ', spec: { prompt: 'We open at eight.' } }
  const before = rig.api.sent.length
  const response = await rig.api.call(contract.createAgent, { body }, admin)
  expect(response.statusCode).toBe(201)
  expect(response.json()).toMatchObject({
    name: 'Dana',
    syncState: 'unpublished',
    publishedVersion: null,
    hasUnpublishedChanges: true,
    draftRevision: 1,
    draftSavedBy: 'Test Person',
    draftProblems: [],
    published: null,
    draft: { prompt: 'We open at eight.', language: 'en', tools: { endCall: true } },
    numbers: [],
    callsLast7Days: 0,
  })
  expect(rig.api.sent.slice(before)).toEqual([])
})

test('a save names the revision it is based on; of two at once one is refused', async () => {
  const { admin, ctx } = await rig.anOrganization()
  const { id } = await createAgent(ctx, { name: 'Dana', spec: dana })
  const save = (prompt: string) =>
    rig.api.call(
      contract.saveDraft,
      { params: { agentId: id }, body: { expectedRevision: 1, spec: { ...dana, prompt } } },
      admin,
    )
  const [one, other] = await Promise.all([save('One.'), save('Other.')])
  const codes = [one.statusCode, other.statusCode].toSorted()
  expect(codes).toEqual([200, 409])
  const refused = one.statusCode === 409 ? one : other
  expect(codeOf(refused)).toBe('agents.changed_elsewhere')
  expect(refused.body).not.toContain('One.')
  const kept = one.statusCode === 200 ? 'One.' : 'Other.'
  expect(await getAgent(ctx, id)).toMatchObject({ draftRevision: 2, draft: { prompt: kept } })
})

test('what is published is a version, is what calls read, and waits for its job', async () => {
  const { admin, ctx } = await rig.anOrganization()
  const spec = { ...dana, language: 'de' as const, maxDurationSeconds: 600 }
  const { id } = await createAgent(ctx, { name: 'Dana', spec })
  const body = { expectedRevision: 1, note: 'First' }
  const asked = { params: { agentId: id }, body }
  const response = await rig.api.call(contract.publishAgent, asked, admin)
  expect(response.statusCode).toBe(202)
  expect(response.json()).toMatchObject({
    publishedVersion: 1,
    hasUnpublishedChanges: false,
    syncState: 'pending',
    language: 'de',
    maxDurationSeconds: 600,
    published: { number: 1, note: 'First', publishedBy: 'Test Person', restoredFrom: null },
  })
  expect(rig.api.sent).toContainEqual({
    name: 'agents.push-agent',
    data: { organizationId: ctx.organizationId, agentId: id },
  })
  const again = await rig.api.call(contract.publishAgent, asked, admin)
  expect(codeOf(again)).toBe('agents.nothing_to_publish')
})

test('two who publish one draft at once make one version', async () => {
  const { ctx } = await rig.anOrganization()
  const { id } = await createAgent(ctx, { name: 'Dana', spec: dana })
  const outcomes = await Promise.allSettled([
    publishAgent(ctx, id, { expectedRevision: 1 }),
    publishAgent(ctx, id, { expectedRevision: 1 }),
  ])
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect((await getAgent(ctx, id)).publishedVersion).toBe(1)
})

test('a draft that does not fit itself is kept, and publishing names every part of it', async () => {
  const { admin, ctx } = await rig.anOrganization()
  const spec = {
    prompt: 'Greet {{customer}} of {{ system__caller_id }}.',
    firstMessage: 'Hello {{name}}.',
    variables: [{ name: 'customer', default: 'there' }],
    tools: {
      endCall: true,
      keypad: false,
      transfers: [],
      webhooks: [
        aTool({
          parameters: [
            {
              name: 'seats',
              type: 'integer',
              required: true,
              value: { from: 'constant', constant: 'two' },
            },
            {
              name: 'who',
              type: 'string',
              required: true,
              value: { from: 'variable', variable: 'nobody' },
            },
          ],
        }),
      ],
    },
  }
  const agent = await createAgent(ctx, { name: 'Dana', spec })
  const paths = [
    'firstMessage',
    'tools.webhooks.0.parameters.0.value',
    'tools.webhooks.0.parameters.1.value',
  ]
  expect(agent.draftProblems.map(({ path }) => path)).toEqual(paths)
  const asked = { params: { agentId: agent.id }, body: { expectedRevision: 1 } }
  const response = await rig.api.call(contract.publishAgent, asked, admin)
  expect(response.statusCode).toBe(409)
  const refusal = problem.parse(response.json())
  expect(refusal.code).toBe('agents.not_publishable')
  expect(refusal.errors?.map(({ path }) => path)).toEqual(paths)
})

const bad: [string, Call<typeof contract.createAgent>['body']['spec'], string][] = [
  [
    'two tools of one name',
    { tools: { endCall: true, keypad: false, transfers: [], webhooks: [aTool(), aTool()] } },
    'body.spec.tools.webhooks.1',
  ],
  [
    'a tool named like a built-in one',
    {
      tools: {
        endCall: true,
        keypad: false,
        transfers: [],
        webhooks: [aTool({ name: 'end_call' })],
      },
    },
    'body.spec.tools.webhooks.0',
  ],
  [
    'a tool at an address inside',
    {
      tools: {
        endCall: true,
        keypad: false,
        transfers: [],
        webhooks: [aTool({ url: 'https://169.254.169.254/latest' })],
      },
    },
    'body.spec.tools.webhooks.0.url',
  ],
  [
    'a tool without https',
    {
      tools: {
        endCall: true,
        keypad: false,
        transfers: [],
        webhooks: [aTool({ url: 'http://tools.voxcalls.test' })],
      },
    },
    'body.spec.tools.webhooks.0.url',
  ],
  ['a document of nobody', { documentIds: [randomUUID()] }, 'body.spec.documentIds.0'],
]
test.each(bad)('%s is not even kept in a draft', async (_what, spec, path) => {
  const { admin } = await rig.anOrganization()
  const response = await rig.api.call(
    contract.createAgent,
    { body: { name: 'Dana', ...(spec && { spec }) } },
    admin,
  )
  expect(response.statusCode).toBe(400)
  const refusal = problem.parse(response.json())
  expect(refusal.code).toBe('agents.invalid_spec')
  expect(refusal.errors?.map((field) => field.path)).toContain(path)
})

test.each([
  ['a number that is none', { transfers: [{ number: '0123', condition: 'asked for' }] }],
  ['a tool name with a space', { webhooks: [aTool({ name: 'check slots' })] }],
])('%s is refused by its form', async (_what, part) => {
  const { admin } = await rig.anOrganization()
  const tools = { endCall: true, keypad: false, transfers: [], webhooks: [], ...part }
  const response = await rig.api.call(
    contract.createAgent,
    { body: { name: 'Dana', spec: { tools } } },
    admin,
  )
  expect(codeOf(response)).toBe('request.invalid')
})

test('versions are listed newest first, shown whole, compared, and published again', async () => {
  const { admin, ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx)
  for (const hour of ['nine', 'ten']) {
    const { draftRevision, draft } = await getAgent(ctx, agentId)
    const spec = { ...draft, prompt: `We open at ${hour}.` }
    const saved = await saveDraft(ctx, agentId, { expectedRevision: draftRevision, spec })
    await publishAgent(ctx, agentId, { expectedRevision: saved.draftRevision, note: hour })
  }
  const params = { agentId }
  const numbers: number[] = []
  let cursor: string | null | undefined
  do {
    const query = { limit: 2, ...(cursor && { cursor }) }
    const answer = await rig.api.call(contract.listVersions, { params, query }, admin)
    const page = contract.listVersions.response.parse(answer.json())
    numbers.push(...page.items.map(({ number }) => number))
    cursor = page.nextCursor
  } while (cursor)
  expect(numbers).toEqual([3, 2, 1])

  const one = await rig.api.call(contract.getVersion, { params: { ...params, number: 1 } }, admin)
  expect(one.json()).toMatchObject({ number: 1, spec: { prompt: 'We open at eight.' } })
  const query = { from: 1, to: 3 }
  const diff = await rig.api.call(contract.diffVersions, { params, query }, admin)
  expect(diff.json()).toEqual({
    differences: [{ path: 'prompt', before: 'We open at eight.', after: 'We open at ten.' }],
  })

  const back = await rollbackAgent(ctx, agentId, { number: 1, expectedVersion: 3, note: 'Back' })
  expect(back).toMatchObject({
    publishedVersion: 4,
    published: { restoredFrom: 1, note: 'Back' },
    // Nothing unpublished stood in the draft, so it follows.
    draft: { prompt: 'We open at eight.' },
    hasUnpublishedChanges: false,
  })
  await expect(
    rollbackAgent(ctx, agentId, { number: 2, expectedVersion: 3, note: '' }),
  ).rejects.toMatchObject({ code: 'agents.changed_elsewhere' })
  await expect(
    rollbackAgent(ctx, agentId, { number: 1, expectedVersion: 4, note: '' }),
  ).rejects.toMatchObject({ code: 'agents.already_published' })
  await expect(
    rollbackAgent(ctx, agentId, { number: 9, expectedVersion: 4, note: '' }),
  ).rejects.toMatchObject({ code: 'request.not_found' })
})

test('a rollback leaves alone what was not published yet', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx)
  const spec = agentSpec.parse({ ...dana, prompt: 'Second.' })
  await saveDraft(ctx, agentId, { expectedRevision: 1, spec })
  await publishAgent(ctx, agentId, { expectedRevision: 2 })
  await saveDraft(ctx, agentId, { expectedRevision: 2, spec: { ...spec, prompt: 'Third.' } })
  const back = await rollbackAgent(ctx, agentId, { number: 1, expectedVersion: 2, note: '' })
  expect(back).toMatchObject({
    draft: { prompt: 'Third.' },
    draftRevision: 3,
    hasUnpublishedChanges: true,
  })
})

test('a version is never changed, not even by the application’s own role', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx)
  const text = `update agent_versions set note = 'other' where agent_id = $1`
  await expect(
    rig.api.database.query('app', text, [agentId], ctx.organizationId ?? ''),
  ).rejects.toThrow(/permission denied/)
  await expect(rig.api.database.query('admin', text, [agentId])).rejects.toThrow()
})

test('a copy has the draft and nothing of what was published', async () => {
  const { admin, ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx)
  const asked = { params: { agentId }, body: {} }
  const response = await rig.api.call(contract.duplicateAgent, asked, admin)
  expect(response.statusCode).toBe(201)
  expect(response.json()).toMatchObject({
    name: 'Dana (2)',
    publishedVersion: null,
    syncState: 'unpublished',
    draft: { prompt: dana.prompt },
  })
})

test('another name is a reason to go to ElevenLabs again, once there is something there', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx)
  expect(await renameAgent(ctx, agentId, { name: 'Dana' })).toMatchObject({ name: 'Dana' })
  const before = rig.api.sent.length
  expect(await renameAgent(ctx, agentId, { name: 'Dora' })).toMatchObject({ syncState: 'pending' })
  expect(rig.api.sent.slice(before).map(({ name }) => name)).toEqual(['agents.push-agent'])
})

test('agents are listed newest first, page by page, and never another organization’s', async () => {
  const { admin, ctx } = await rig.anOrganization()
  for (const name of ['one', 'two', 'three']) await createAgent(ctx, { name, spec: dana })
  const other = await rig.anOrganization()
  const foreign = await createAgent(other.ctx, { name: 'Theirs', spec: dana })

  const seen: string[] = []
  let cursor: string | null | undefined
  do {
    const query = { limit: 2, ...(cursor && { cursor }) }
    const response = await rig.api.call(contract.listAgents, { query }, admin)
    const page = contract.listAgents.response.parse(response.json())
    seen.push(...page.items.map(({ name }) => name))
    cursor = page.nextCursor
  } while (cursor)
  expect(seen).toEqual(['three', 'two', 'one'])

  const params = { agentId: foreign.id }
  const response = await rig.api.call(contract.getAgent, { params }, admin)
  expect(response.statusCode).toBe(404)
  expect(codeOf(response)).toBe('request.not_found')
})

test('the list says which numbers lead to an agent and how many calls it had this week', async () => {
  const { admin, ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx)
  const organizationId = ctx.organizationId ?? ''
  const run = (text: string, values: unknown[]) => rig.api.database.query('admin', text, values)
  await run(
    `insert into phone_numbers (organization_id, id, e164, label, agent_id, twilio_account_sid)
     values ($1, $2, '+15005550142', 'Main', $3, $4)`,
    [organizationId, randomUUID(), agentId, `AC${'0'.repeat(32)}`],
  )
  for (const daysAgo of [1, 6, 8])
    await run(
      `insert into calls (organization_id, id, agent_id, kind, direction, from_number, to_number, twilio_call_sid, created_at)
       values ($1, $2, $3, 'agent', 'inbound', '+15550001111', '+15005550142', $4, now() - make_interval(days => $5))`,
      [organizationId, randomUUID(), agentId, `CA${randomUUID().replaceAll('-', '')}`, daysAgo],
    )
  await run(
    `insert into calls (organization_id, id, agent_id, kind, direction, from_number, to_number, created_at)
     values ($1, $2, $3, 'test', 'inbound', 'console', 'console', now())`,
    [organizationId, randomUUID(), agentId],
  )
  const response = await rig.api.call(contract.listAgents, { query: {} }, admin)
  const [listed] = contract.listAgents.response.parse(response.json()).items
  expect(listed).toMatchObject({
    callsLast7Days: 2,
    numbers: [{ e164: '+15005550142', label: 'Main' }],
  })
})

test('voices come with their samples and are asked for once', async () => {
  const { admin } = await rig.anOrganization()
  rig.journal.clear()
  const query = { language: 'de', limit: 2 }
  const first = await rig.api.call(contract.listVoices, { query }, admin)
  const second = await rig.api.call(contract.listVoices, { query }, admin)
  const page = contract.listVoices.response.parse(first.json())
  expect(page.items.length).toBeGreaterThan(0)
  expect(page.items.every(({ language }) => language === 'de')).toBe(true)
  expect(page.items.every(({ hasSample }) => hasSample)).toBe(true)
  expect(second.json()).toEqual(first.json())
  expect(rig.journal.entries({ vendor: 'elevenlabs', path: '/v2/voices' }).length).toBe(1)
})

test('a voice is heard through us, and one that is not there is not found', async () => {
  const { admin } = await rig.anOrganization()
  const sample = (voice: string) =>
    rig.api.call(contract.getVoiceSample, { params: { voice } }, admin)
  const heard = await sample('sbx0000000000000Alma')
  expect(heard.statusCode).toBe(200)
  expect(heard.headers['content-type']).toBe('audio/mpeg')
  expect(heard.rawPayload.byteLength).toBeGreaterThan(1_000)
  expect(codeOf(await sample('nobody'))).toBe('request.not_found')
})
