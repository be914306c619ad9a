import { screen, waitFor } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { createAgent, listAgents, listVoices } from '#contracts/agents'
import { anAgent, anAgentDetail, aVoice } from '../../testing/agent-factories.ts'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { aMe, aMember, anId, aPage } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { AgentsScreen } from './agents-screen.tsx'

function open(agents: unknown, options: Parameters<typeof renderScreen>[1] = {}) {
  onCall(listAgents, agents)
  onCall(listVoices, aPage([aVoice()]))
  return renderScreen(<AgentsScreen />, options)
}

const rowOf = (name: string) => screen.findByRole('row', { name: new RegExp(name) })

describe('the list', () => {
  test('shows numbers, voice, language, calls and whether ElevenLabs is in sync', async () => {
    open(aPage([anAgent()]))
    const row = await rowOf('Front desk')
    await waitFor(() => expect(row.textContent).toContain('Eric'))
    for (const text of ['(500) 555-0006', 'English', '41', 'In sync'])
      expect(row.textContent).toContain(text)
    expect(screen.getByRole('link', { name: 'Front desk' }).getAttribute('href')).toBe(
      `/agents/${anId(700)}`,
    )
  })

  test('tells each state apart by words', async () => {
    const states = {
      unpublished: 'Not published',
      pending: 'Being sent',
      drifted: 'Changed at ElevenLabs',
      failed: 'Not accepted',
    } as const
    open(
      aPage(
        Object.keys(states).map((state, place) =>
          anAgent({
            id: anId(701 + place),
            name: `Agent ${state}`,
            syncState: state as keyof typeof states,
          }),
        ),
      ),
    )
    for (const [state, words] of Object.entries(states))
      expect((await rowOf(`Agent ${state}`)).textContent).toContain(words)
  })

  test('says how many more numbers there are, that there is none, and that changes wait', async () => {
    const number = (n: number) => ({ id: anId(n), e164: `+1500555000${n % 10}`, label: '' })
    open(
      aPage([
        anAgent({ numbers: [number(721), number(722), number(723)], hasUnpublishedChanges: true }),
        anAgent({ id: anId(702), name: 'Spare', numbers: [] }),
      ]),
    )
    const row = await rowOf('Front desk')
    expect(row.textContent).toContain('and 2 more')
    expect(row.textContent).toContain('Changes not published')
    expect((await rowOf('Spare')).textContent).toContain('None')
  })

  test('a voice that is not known is shown by its id', async () => {
    open(aPage([anAgent({ voiceId: 'voice-unknown' })]))
    expect((await rowOf('Front desk')).textContent).toContain('voice-unknown')
  })

  test('loading and failing are told apart', async () => {
    const loading = open(never)
    expect(await screen.findByRole('status', { name: 'Loading agents' })).toBeTruthy()
    loading.unmount()
    open(() => aProblem(409, 'agents.strange', 'It is as it is.'))
    expect((await screen.findByRole('alert')).textContent).toContain('It is as it is.')
  })

  test('readers see the agents and no button to create one', async () => {
    open(aPage([]), { me: aMember('org_manager') })
    expect(await screen.findByText('No agents yet')).toBeTruthy()
    expect(screen.getByText('An admin of your organization can create them.')).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Create agent' })).toBeNull()
  })

  test('sales people are told who can', async () => {
    open(aPage([]), { me: aMember('sales_person') })
    expect(await screen.findByText('You have no access to this page')).toBeTruthy()
    expect(requestsTo(listAgents)).toEqual([])
  })

  test('while the organization is paused the button says why not', async () => {
    const person = aMe()
    const membership = person.membership && {
      ...person.membership,
      organizationStatus: 'paused' as const,
    }
    open(aPage([anAgent()]), { me: { ...person, membership } })
    const button = await screen.findByRole('button', { name: 'Create agent' })
    expect(button.getAttribute('aria-disabled')).toBe('true')
  })
})

describe('creating one', () => {
  test('asks for a name, sends it under a key, and leads to the editor', async () => {
    onCall(createAgent, anAgentDetail({ id: anId(705), name: 'Night desk' }))
    const { user, visited } = open(aPage([anAgent()]))
    await rowOf('Front desk')
    await user.click(screen.getByRole('button', { name: 'Create agent' }))
    const dialog = await screen.findByRole('dialog', { name: 'Create agent' })
    await user.type(await screen.findByLabelText('Name'), 'Night desk{Enter}')
    await waitFor(() => expect(visited).toEqual([`/agents/${anId(705)}`]))
    const [request] = requestsTo(createAgent)
    expect(request?.body).toEqual({ name: 'Night desk' })
    expect(request?.idempotencyKey).toBeTruthy()
    expect(dialog.isConnected).toBe(false)
  })

  test('a name that is missing is asked for at its field, and nothing is sent', async () => {
    const { user } = open(aPage([anAgent()]))
    await rowOf('Front desk')
    await user.click(screen.getByRole('button', { name: 'Create agent' }))
    await screen.findByRole('dialog')
    await user.type(await screen.findByLabelText('Name'), '{Enter}')
    expect(await screen.findByText('Fill this in')).toBeTruthy()
    expect(requestsTo(createAgent)).toEqual([])
  })

  test('a refusal stands in the dialog, in the API’s words', async () => {
    onCall(createAgent, () => aProblem(409, 'agents.too_many', 'At most 50 agents.'))
    const { user } = open(aPage([anAgent()]))
    await rowOf('Front desk')
    await user.click(screen.getByRole('button', { name: 'Create agent' }))
    await user.type(await screen.findByLabelText('Name'), 'One more{Enter}')
    expect((await screen.findByRole('alert')).textContent).toContain('At most 50 agents.')
  })
})
