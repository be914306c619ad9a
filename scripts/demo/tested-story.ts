import type { Answer } from '#api/contract/endpoint.ts'
import { createAgentTest, getTestRun, startTestRuns } from '#contracts/agent-tests'
import { changePublishGate, getAgent, listAgents, publishAgent, saveDraft } from '#contracts/agents'
import { type ApiClient, ApiRefusal } from '../api-client.ts'
import { hears, inSync, until } from './agent-story.ts'
import { keepPromises, promise } from './promises.ts'
import type { DemoStory } from './stories.ts'

type Run = Answer<typeof getTestRun>

const question = 'What is your address?'
const test = {
  name: 'Where we are',
  steps: [
    { agentSays: 'can I' },
    { says: question },
    { agentSays: 'fourteen Harbor Street' },
    { gapAtMost: 3_000 },
    { hangsUp: true as const },
    { transcript: [{ caller: 'address' }, { agent: 'Harbor Street' }] },
    { chargeAtMost: 25 },
  ],
}

/** What a test finds does not reach a customer: the edit that fails it is not published, the one that passes is. */
export const testedEdit: DemoStory = {
  name: 'an edit is published only when its tests pass',
  async run(stage) {
    const { api } = stage
    const [agent] = (await api(listAgents, { query: { limit: 1 } })).items
    if (!agent) throw new Error('the stage has no agent')
    const params = { agentId: agent.id }
    await api(createAgentTest, { params, body: test })
    await api(changePublishGate, { params, body: { needsTests: true } })

    const wrong = await tried(api, agent.id, 'twelve Harbor Street', 'forty Ocean Street')
    promise(wrong.state === 'failed', `the wrong edit ${wrong.state}: ${wrong.reason}`)
    const failed = wrong.results.find(({ outcome }) => outcome === 'failed')
    promise(failed?.check === 'agentSays', `what failed is ${failed?.check}`)
    promise(failed?.seen?.includes('forty Ocean Street') === true, `it saw: ${failed?.seen}`)
    promise(
      (await refusalOf(publish(api, agent.id))) === 'agents.tests_not_passed',
      'a draft that failed its test was published',
    )

    const right = await tried(api, agent.id, 'forty Ocean Street', 'fourteen Harbor Street')
    promise(right.state === 'passed', `the right edit ${right.state}: ${JSON.stringify(right)}`)
    await publish(api, agent.id)
    await inSync(api, agent.id)
    const told = await hears(stage, question, 'fourteen')
    await keepPromises(told.story, told.phone, stage)
    await api(changePublishGate, { params, body: { needsTests: false } })
    return { name: this.name, ...told }
  },
}

/** Saves the edit, runs every test on it, and answers what came of the newest one. */
async function tried(api: ApiClient, agentId: string, from: string, to: string): Promise<Run> {
  const params = { agentId }
  const { draft, draftRevision } = await api(getAgent, { params })
  const spec = { ...draft, prompt: draft.prompt.replace(from, to) }
  promise(spec.prompt !== draft.prompt, `the prompt does not say ${from}`)
  await api(saveDraft, { params, body: { expectedRevision: draftRevision, spec } })
  const { items } = await api(startTestRuns, { params, body: {} })
  const runs = new Map<string, Run>()
  await until('the tests were not run', async () => {
    for (const { id: runId } of items)
      runs.set(runId, await api(getTestRun, { params: { agentId, runId } }))
    return [...runs.values()].every(({ finishedAt }) => finishedAt !== null)
  })
  const newest = runs.get(items.at(-1)?.id ?? '')
  if (!newest) throw new Error('no test was run')
  return newest
}

async function publish(api: ApiClient, agentId: string): Promise<void> {
  const params = { agentId }
  const { draftRevision } = await api(getAgent, { params })
  await api(publishAgent, { params, body: { expectedRevision: draftRevision } })
}

async function refusalOf(asked: Promise<unknown>): Promise<string | null> {
  try {
    await asked
    return null
  } catch (error) {
    if (error instanceof ApiRefusal) return error.code
    throw error
  }
}
