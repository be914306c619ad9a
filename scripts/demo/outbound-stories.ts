import { anAwakeNumber, awakeCountries } from '#api/domains/calls/outbound/testing.ts'
import { listAgents } from '#contracts/agents'
import { startCall } from '#contracts/calls'
import { updateOrganization } from '#contracts/organizations'
import { listPhoneNumbers } from '#contracts/phone-numbers'
import type { Answering, PhoneCall } from '../sandbox-client.ts'
import { readStory, type Story } from '../story.ts'
import { keepPromises, promise } from './promises.ts'
import { type DemoStory, hearGreeting, type Stage } from './stories.ts'

const CALL_MS = 60_000
const RECORD_MS = 30_000 // settlement, tape and recording after the line is dead
const NOTICE = 'AI assistant calling for Northwind Dental'

/** Has the organization's agent call a number where it is day now. */
export async function callOut(
  stage: Stage,
  answering: Answering,
): Promise<{ story: Story; phone: PhoneCall }> {
  const { api, sandbox } = stage
  await api(updateOrganization, { body: { allowedCountries: awakeCountries } })
  const to = anAwakeNumber()
  await sandbox.answerAs(to, answering)
  const agents = await api(listAgents, { query: {} })
  const numbers = await api(listPhoneNumbers, { query: {} })
  const agent = agents.items.find(({ elevenLabsAgentId }) => elevenLabsAgentId !== null)
  const number = numbers.items.find(({ e164 }) => e164 === stage.number)
  if (!agent || !number) throw new Error('there is nobody to send, or no number to call from')
  const call = await api(startCall, {
    body: {
      kind: 'agent',
      agentId: agent.id,
      fromPhoneNumberId: number.id,
      to,
      consent: { basis: 'customer', obtainedAt: new Date(0).toISOString() },
    },
  })
  if (!call.twilioCallSid) throw new Error('the carrier did not confirm the call')
  const phone = await sandbox.ended(call.twilioCallSid, CALL_MS)
  promise(
    phone.script?.why === undefined,
    `who was called could not do step ${phone.script?.failedStep}: ${phone.script?.why}`,
  )
  return { story: await readStory(api, call.twilioCallSid, RECORD_MS), phone }
}

const person: DemoStory = {
  name: 'the agent calls somebody',
  async run(stage) {
    const told = await callOut(stage, {
      answers: 'script',
      script: [
        { hear: NOTICE, timeoutMs: 20_000 },
        hearGreeting,
        { say: 'How much is a cleaning?' },
        { hear: null, timeoutMs: 20_000 },
        { hangUp: true },
      ],
    })
    await keepPromises(told.story, told.phone, stage)
    promise(told.story.call.direction === 'outbound', 'the call does not stand as one out')
    promise(told.story.call.outbound?.answeredBy === 'human', 'it is not known that a person spoke')
    return { name: this.name, ...told }
  },
}

const machine: DemoStory = {
  name: 'an answering machine takes the agent’s call',
  async run(stage) {
    const told = await callOut(stage, {
      answers: 'script',
      answeredBy: 'machine_start',
      script: [{ waitForEnd: true }],
    })
    const { call, entries } = told.story
    promise(call.reason === 'answering_machine', `it ended as ${call.reason}`)
    promise((call.durationSeconds ?? 0) > 0, 'the seconds until it was known cost nothing')
    const charge = entries.find(({ kind }) => kind === 'capture')
    promise(
      charge?.explanation.endedBecause === 'answering_machine',
      'the charge does not say that a machine answered',
    )
    return { name: this.name, ...told }
  },
}

export const outboundStories = [person, machine]
