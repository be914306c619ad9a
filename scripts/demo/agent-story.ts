import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '#api/contract/endpoint.ts'
import { getAgent, listAgents, publishAgent, rollbackAgent, saveDraft } from '#contracts/agents'
import { addText, getDocument } from '#contracts/knowledge'
import type { ApiClient } from '../api-client.ts'
import { keepPromises, promise } from './promises.ts'
import { type DemoStory, hearGreeting, place, type Stage, type Told } from './stories.ts'

type AgentDetail = Answer<typeof getAgent>

const WITHIN_MS = 60_000 // a document is read, or a version arrives, within seconds
const POLL_MS = 250

const learned = {
  title: 'Prices from January',
  text: 'A root canal costs nine hundred dollars. A crown costs one thousand dollars.',
}
const asked = 'How much is a root canal?'
const old = 'twelve Harbor Street'
const moved = 'fourteen Harbor Street'
const whereQuestion = 'What is your address?'

/** What is published is what the next caller gets: knowledge, an edit in the middle of the day, and the way back. */
export const agentChanges: DemoStory = {
  name: 'the agent is taught, edited and rolled back',
  async run(stage) {
    const { api } = stage
    const [first] = (await api(listAgents, { query: { limit: 1 } })).items
    if (!first) throw new Error('the stage has no agent')
    const agentId = first.id
    const before = await hears(stage, whereQuestion, 'twelve')
    await keepPromises(before.story, before.phone, stage)

    const documentId = await teach(api)
    await publish(api, agentId, (spec) => ({ ...spec, documentIds: [documentId] }))
    await hears(stage, asked, 'nine hundred')

    await publish(api, agentId, (spec) => ({ ...spec, prompt: spec.prompt.replace(old, moved) }))
    const told = await hears(stage, whereQuestion, 'fourteen')
    await keepPromises(told.story, told.phone, stage)

    const now = await api(getAgent, { params: { agentId } })
    const back = { number: first.publishedVersion ?? 1, expectedVersion: now.publishedVersion ?? 0 }
    await api(rollbackAgent, { params: { agentId }, body: { ...back, note: 'Back' } })
    const restored = await inSync(api, agentId)
    promise(restored.published?.restoredFrom === back.number, 'the old version is not published')
    const last = await hears(stage, whereQuestion, 'twelve')
    await keepPromises(last.story, last.phone, stage)
    return { name: this.name, ...last }
  },
}

export function hears(stage: Stage, question: string, text: string): Promise<Omit<Told, 'name'>> {
  return place(stage, [
    hearGreeting,
    { say: question },
    { hear: text, timeoutMs: 20_000 },
    { hangUp: true },
  ])
}

async function teach(api: ApiClient): Promise<string> {
  const { id } = await api(addText, { body: learned })
  const params = { documentId: id }
  await until('the document is not ready', async () => {
    const { state, reason } = await api(getDocument, { params })
    promise(state !== 'rejected', `the document was rejected: ${reason}`)
    return state === 'ready'
  })
  return id
}

async function publish(
  api: ApiClient,
  agentId: string,
  change: (spec: AgentDetail['draft']) => AgentDetail['draft'],
): Promise<AgentDetail> {
  const params = { agentId }
  const { draft, draftRevision } = await api(getAgent, { params })
  const body = { expectedRevision: draftRevision, spec: change(draft) }
  const saved = await api(saveDraft, { params, body })
  await api(publishAgent, { params, body: { expectedRevision: saved.draftRevision } })
  return inSync(api, agentId)
}

export async function inSync(api: ApiClient, agentId: string): Promise<AgentDetail> {
  let agent = await api(getAgent, { params: { agentId } })
  await until('the version did not reach ElevenLabs', async () => {
    agent = await api(getAgent, { params: { agentId } })
    promise(agent.syncState !== 'failed', `ElevenLabs refused: ${agent.sync.error?.message}`)
    return agent.syncState === 'in_sync'
  })
  return agent
}

export async function until(broken: string, isThere: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + WITHIN_MS
  while (!(await isThere())) {
    promise(performance.now() < deadlineMs, `${broken} within ${WITHIN_MS / 1000} s`)
    await sleep(POLL_MS)
  }
}
