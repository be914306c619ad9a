import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import {
  archiveAgent,
  checkDrift,
  diffVersions,
  duplicateAgent,
  getAgent,
  getToolKey,
  getVoiceSample,
  listVersions,
  listVoices,
  publishAgent,
  pushAgain,
  replaceToolKey,
  resolveDrift,
  rollbackAgent,
  saveDraft,
  testTool,
} from '#contracts/agents'
import { listDocuments } from '#contracts/knowledge'
import { listPhoneNumbers } from '#contracts/phone-numbers'
import { endpointKey } from '../../lib/api/use-endpoint.tsx'
import {
  aDraft,
  anAgentDetail,
  aVersion,
  aVoice,
  type DetailWire,
} from '../../testing/agent-factories.ts'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { aMe, aMember, anId, aPage } from '../../testing/factories.ts'
import { aDocument } from '../../testing/knowledge-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { AgentScreen } from './agent-screen.tsx'

/** The API's side: an agent that is saved and published as the real one is. */
function serve(over: Partial<DetailWire> = {}) {
  const server = { agent: anAgentDetail(over) }
  onCall(getAgent, () => server.agent)
  onCall(getToolKey, { header: 'x-voxcalls-tool-key', lastFour: 'aB3d', createdAt: null })
  onCall(listVoices, aPage([aVoice(), aVoice({ voiceId: 'voice-alma', name: 'Alma' })]))
  onCall(saveDraft, ({ body }: { body: unknown }) => {
    const asked = body as { expectedRevision: number; spec: DetailWire['draft'] }
    if (asked.expectedRevision !== server.agent.draftRevision)
      return aProblem(409, 'agents.changed_elsewhere', 'Somebody changed this agent in between.')
    server.agent = {
      ...server.agent,
      draft: asked.spec,
      draftRevision: asked.expectedRevision + 1,
      hasUnpublishedChanges: true,
    }
    return server.agent
  })
  return server
}

const open = (search = '', options: Parameters<typeof renderScreen>[1] = {}) =>
  renderScreen(
    <>
      <a href="/calls">Elsewhere</a>
      <AgentScreen agentId={anId(700)} />
    </>,
    { search, ...options },
  )

const paused = () => {
  const person = aMe()
  const membership = person.membership && {
    ...person.membership,
    organizationStatus: 'paused' as const,
  }
  return { ...person, membership }
}

describe('the screen', () => {
  test('loading, failing, absent and refused are told apart', async () => {
    onCall(getAgent, never)
    const loading = open()
    expect(await screen.findByRole('status', { name: 'Loading the agent' })).toBeTruthy()
    loading.unmount()
    onCall(getAgent, () => aProblem(404, 'request.not_found', 'Nothing there.'))
    const absent = open()
    expect(await screen.findByText('There is no such agent')).toBeTruthy()
    absent.unmount()
    onCall(getAgent, () => aProblem(409, 'agents.strange', 'It is as it is.'))
    const failing = open()
    expect((await screen.findByRole('alert')).textContent).toContain('It is as it is.')
    failing.unmount()
    open('', { me: aMember('sales_person') })
    expect(await screen.findByText('You have no access to this page')).toBeTruthy()
  })

  test('says who published what and what ElevenLabs holds', async () => {
    serve()
    open()
    expect(await screen.findByRole('heading', { level: 1, name: 'Front desk' })).toBeTruthy()
    const card = screen.getByRole('region', { name: 'State' })
    expect(card.textContent).toContain('Version 3')
    expect(card.textContent).toContain('by Ana Morales')
    expect(card.textContent).toContain('agent_0123456789')
  })

  test('readers see every tab and nothing to change', async () => {
    serve({ hasUnpublishedChanges: true })
    onCall(listVersions, aPage([aVersion(), aVersion({ number: 2 })]))
    const { user } = open('', { me: aMember('org_manager') })
    expect(await screen.findByText(/Be brief/)).toBeTruthy()
    for (const name of ['Publish', 'More for this agent', 'Add variable'])
      expect(screen.queryByRole('button', { name })).toBeNull()
    expect(screen.getByLabelText('Language').closest('fieldset')?.disabled).toBe(true)
    await user.click(screen.getByRole('tab', { name: 'History' }))
    expect(await screen.findByRole('button', { name: 'Compare version 2' })).toBeTruthy()
    expect(screen.queryByRole('button', { name: /Restore/ })).toBeNull()
  })

  test('readers hear samples and read webhooks unfolded', async () => {
    serve()
    const { user } = open('?tab=voice', { me: aMember('org_manager') })
    const play = await screen.findByRole<HTMLButtonElement>('button', { name: /sample of Eric/ })
    expect(play.closest('fieldset:disabled')).toBeNull()
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Eric' }).disabled).toBe(true)
    await user.click(screen.getByRole('tab', { name: 'Tools' }))
    expect(await screen.findByDisplayValue('https://hooks.northwind.test/slots')).toBeTruthy()
    expect(screen.queryByRole('region', { name: 'Try it' })).toBeNull()
    expect(requestsTo(getToolKey)).toEqual([])
  })

  test('while the organization is paused fields rest and buttons say why', async () => {
    serve({ hasUnpublishedChanges: true })
    open('', { me: paused() })
    const publish = await screen.findByRole('button', { name: 'Publish' })
    expect(publish.getAttribute('aria-disabled')).toBe('true')
    expect(screen.queryByRole('textbox', { name: 'Prompt' })).toBeNull()
  })
})

describe('the draft', () => {
  test('is saved by Ctrl S on the revision it is based on, and again on the next', async () => {
    serve()
    const { user } = open()
    const message = await screen.findByLabelText(/First message/)
    await user.clear(message)
    await user.type(message, 'Hello')
    expect(screen.getByText('There are unsaved changes.')).toBeTruthy()
    await user.keyboard('{Control>}s{/Control}')
    await waitFor(() => expect(screen.queryByText('There are unsaved changes.')).toBeNull())
    await user.type(message, ' there')
    await user.click(await screen.findByRole('button', { name: 'Save' }))
    await waitFor(() => expect(requestsTo(saveDraft)).toHaveLength(2))
    expect(requestsTo(saveDraft).map(({ body }) => body)).toMatchObject([
      { expectedRevision: 7, spec: { firstMessage: 'Hello', voiceId: 'voice-eric' } },
      { expectedRevision: 8, spec: { firstMessage: 'Hello there' } },
    ])
  })

  test('goes back by Discard, and asks before a link leaves it', async () => {
    serve()
    const { user } = open()
    const message = await screen.findByLabelText<HTMLTextAreaElement>(/First message/)
    await user.type(message, ' Now')
    await user.click(screen.getByRole('link', { name: 'Elsewhere' }))
    expect(await screen.findByRole('dialog', { name: 'Leave without saving?' })).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Cancel' }))
    await user.click(screen.getByRole('button', { name: 'Discard' }))
    expect(message.value).toBe('Northwind Dental, how can I help?')
    expect(requestsTo(saveDraft)).toEqual([])
  })

  test('what is typed while a save is on its way stays, unsaved', async () => {
    const server = serve()
    let answer = (): void => undefined
    const waits = new Promise<void>((resolve) => {
      answer = resolve
    })
    onCall(saveDraft, async ({ body }: { body: unknown }) => {
      await waits
      const { spec } = body as { spec: DetailWire['draft'] }
      server.agent = { ...server.agent, draft: spec, draftRevision: 8 }
      return server.agent
    })
    const { user } = open()
    const message = await screen.findByLabelText<HTMLTextAreaElement>(/First message/)
    await user.clear(message)
    await user.type(message, 'One')
    await user.keyboard('{Control>}s{/Control}')
    await waitFor(() => expect(requestsTo(saveDraft)).toHaveLength(1))
    await user.type(message, ' two')
    answer()
    await screen.findByRole('button', { name: 'Save' })
    expect(message.value).toBe('One two')
    expect(screen.getByText('There are unsaved changes.')).toBeTruthy()
  })

  test('a fault in another tab is counted on it, opened and explained at its field', async () => {
    serve()
    const { user } = open('?tab=behaviour')
    const longest = await screen.findByLabelText('Longest call, seconds')
    await user.clear(longest)
    await user.type(longest, '5')
    await user.click(screen.getByRole('tab', { name: 'Prompt' }))
    await user.type(await screen.findByLabelText(/First message/), ' Now')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('At least 60')).toBeTruthy()
    expect(screen.getByRole('tab', { name: 'Behaviour · 1 to fix' })).toBeTruthy()
    expect(requestsTo(saveDraft)).toEqual([])
  })

  test('what the API has against a field lands on it', async () => {
    serve()
    onCall(saveDraft, () =>
      Response.json(
        {
          type: 'about:blank',
          title: 'Refused',
          status: 400,
          detail: 'Some parts of the draft cannot be saved.',
          code: 'agents.invalid_spec',
          requestId: 'req_1',
          errors: [{ path: 'body.spec.tools.webhooks.0.url', message: 'is no public address' }],
        },
        { status: 400 },
      ),
    )
    const { user } = open()
    await user.type(await screen.findByLabelText(/First message/), ' Now')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('is no public address')).toBeTruthy()
    expect(screen.getByLabelText('Address').getAttribute('aria-invalid')).toBe('true')
  })

  test('variables, criteria, values and transfers can be added and taken away', async () => {
    serve({ draft: aDraft({ variables: [] }) })
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Add variable' }))
    await user.type(screen.getByLabelText('Name'), 'day')
    await user.click(screen.getByRole('tab', { name: 'Analysis' }))
    await user.click(await screen.findByRole('button', { name: 'Add criterion' }))
    await user.type(screen.getByLabelText('Name'), 'Offered')
    await user.type(screen.getByLabelText('Met when'), 'An appointment was offered')
    await user.click(screen.getByRole('button', { name: 'Add value' }))
    await user.click(await screen.findByRole('button', { name: 'Remove the value 1' }))
    await user.click(screen.getByRole('tab', { name: 'Tools' }))
    await user.click(await screen.findByRole('button', { name: 'Add transfer' }))
    await user.type(screen.getByLabelText('Number'), '+14155550199')
    await user.type(screen.getByLabelText('When'), 'The caller asks for a person')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await waitFor(() => expect(requestsTo(saveDraft)).toHaveLength(1))
    expect(requestsTo(saveDraft)[0]?.body).toMatchObject({
      spec: {
        variables: [{ name: 'day', default: '' }],
        criteria: [{ name: 'Offered', goal: 'An appointment was offered' }],
        dataCollection: [],
        tools: {
          transfers: [{ number: '+14155550199', condition: 'The caller asks for a person' }],
        },
      },
    })
  })

  test('an empty row is not wrong before it was left, and right again while it is typed', async () => {
    serve({ draft: aDraft({ variables: [] }) })
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Add variable' }))
    const name = screen.getByLabelText('Name')
    expect(name.getAttribute('aria-invalid')).toBe('false')
    await user.type(name, '7up')
    await user.tab()
    expect(await screen.findByText('This does not have the form that is needed')).toBeTruthy()
    await user.clear(name)
    await user.type(name, 'drink')
    await waitFor(() => expect(name.getAttribute('aria-invalid')).toBe('false'))
  })

  test('takes a voice and a document', async () => {
    serve()
    onCall(
      listDocuments,
      aPage([aDocument(), aDocument({ id: anId(501), title: 'Opening hours' })]),
    )
    const { user } = open('?tab=voice')
    await user.click(await screen.findByRole('radio', { name: 'Alma' }))
    await user.click(screen.getByRole('tab', { name: 'Knowledge' }))
    await user.click(await screen.findByRole('button', { name: 'Attach Opening hours' }))
    await user.click(screen.getByRole('button', { name: 'Detach Price list 2026' }))
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await waitFor(() => expect(requestsTo(saveDraft)).toHaveLength(1))
    expect(requestsTo(saveDraft)[0]?.body).toMatchObject({
      spec: { voiceId: 'voice-alma', documentIds: [anId(501)] },
    })
  })
})

describe('a draft that was saved elsewhere', () => {
  /** Somebody else saves what `change` says while this person types a first message. */
  async function collide(change: Partial<DetailWire['draft']>) {
    const server = serve()
    const view = open()
    const message = await screen.findByLabelText<HTMLTextAreaElement>(/First message/)
    await view.user.clear(message)
    await view.user.type(message, 'Mine')
    server.agent = {
      ...server.agent,
      draft: aDraft(change),
      draftRevision: 8,
      draftSavedBy: 'Ben Okafor',
    }
    await view.user.click(screen.getByRole('button', { name: 'Save' }))
    const dialog = await screen.findByRole('dialog', {
      name: 'Ben Okafor saved this draft meanwhile',
    })
    return { ...view, dialog, message, server }
  }

  test('in other parts is put together, and saved on the new revision', async () => {
    const { user, dialog, server, message } = await collide({ temperature: 0.5 })
    expect(within(dialog).getAllByText('Yours:')).toHaveLength(2)
    expect(within(dialog).getByRole<HTMLInputElement>('radio', { name: 'Both' }).checked).toBe(true)
    await user.click(within(dialog).getByRole('button', { name: 'Go on' }))
    expect(message.value).toBe('Mine')
    await user.click(await screen.findByRole('button', { name: 'Save' }))
    await waitFor(() => expect(server.agent.draftRevision).toBe(9))
    expect(server.agent.draft).toMatchObject({ firstMessage: 'Mine', temperature: 0.5 })
  })

  test('in the same part asks whose goes on: theirs', async () => {
    const { user, dialog, message } = await collide({ firstMessage: 'Theirs' })
    expect(within(dialog).queryByRole('radio', { name: 'Both' })).toBeNull()
    await user.click(within(dialog).getByRole('radio', { name: 'What is saved' }))
    await user.click(within(dialog).getByRole('button', { name: 'Go on' }))
    await waitFor(() => expect(message.value).toBe('Theirs'))
    expect(screen.queryByText('There are unsaved changes.')).toBeNull()
  })

  test('in the same part asks whose goes on: one’s own', async () => {
    const { user, dialog, server } = await collide({ firstMessage: 'Theirs' })
    await user.click(within(dialog).getByRole('radio', { name: 'Yours' }))
    await user.click(within(dialog).getByRole('button', { name: 'Go on' }))
    await user.click(await screen.findByRole('button', { name: 'Save' }))
    await waitFor(() => expect(server.agent.draftRevision).toBe(9))
    expect(server.agent.draft.firstMessage).toBe('Mine')
  })

  test('stays to be compared where the question was put off', async () => {
    const { user, dialog } = await collide({ firstMessage: 'Theirs' })
    await user.click(within(dialog).getByRole('button', { name: 'Cancel' }))
    await user.click(await screen.findByRole('button', { name: 'Compare' }))
    expect(await screen.findByRole('dialog', { name: /Ben Okafor/ })).toBeTruthy()
  })
})

describe('publishing', () => {
  test('shows what changes and sends the note with the revision', async () => {
    const server = serve({ hasUnpublishedChanges: true })
    onCall(diffVersions, {
      differences: [{ path: 'prompt', before: 'One\nTwo\nThree', after: 'One\nZwei\nThree' }],
    })
    onCall(publishAgent, () => {
      server.agent = {
        ...server.agent,
        publishedVersion: 4,
        hasUnpublishedChanges: false,
        syncState: 'pending',
      }
      return server.agent
    })
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Publish' }))
    const dialog = await screen.findByRole('dialog', { name: 'Publish version 4' })
    expect((await within(dialog).findByText('Zwei')).tagName).toBe('INS')
    expect(within(dialog).getByText('Two').tagName).toBe('DEL')
    await user.type(within(dialog).getByLabelText(/Note/), 'German')
    await user.click(within(dialog).getByRole('button', { name: 'Publish' }))
    expect(await screen.findByText('Being sent')).toBeTruthy()
    const [request] = requestsTo(publishAgent)
    expect(request?.body).toEqual({ expectedRevision: 7, note: 'German' })
    expect(request?.idempotencyKey).toBeTruthy()
  })

  test('is refused with the reason: nothing new, unsaved, incomplete', async () => {
    serve()
    const { user, unmount } = open()
    const publish = await screen.findByRole('button', { name: 'Publish' })
    expect(publish.parentElement?.textContent).toContain('published already')
    await user.type(screen.getByLabelText(/First message/), ' Now')
    expect(publish.parentElement?.textContent).toContain('Save the draft first.')
    unmount()
    serve({
      hasUnpublishedChanges: true,
      draftProblems: [{ path: 'tools.webhooks.0.parameters.0.value', message: 'is no number' }],
    })
    const second = open()
    expect(await screen.findByText('Before the draft can be published')).toBeTruthy()
    await second.user.click(
      screen.getByRole('button', { name: 'Webhooks, find_slot, what is sent, day, value' }),
    )
    expect(second.search()).toBe('?tab=tools')
  })
})

describe('at ElevenLabs', () => {
  test('a refusal stands there in its words, as text, and can be tried again', async () => {
    const sync = {
      state: 'failed' as const,
      pushedVersion: 2,
      checkedAt: null,
      error: { code: 'voice_not_found', message: 'No voice <b>like</b> that' },
      drift: null,
    }
    const server = serve({ syncState: 'failed', sync })
    onCall(pushAgain, () => {
      server.agent = { ...server.agent, syncState: 'pending', sync: { ...sync, state: 'pending' } }
      return server.agent
    })
    const { user } = open()
    expect(await screen.findByText('No voice <b>like</b> that')).toBeTruthy()
    expect(screen.getByText('Calls are still answered by version 2.')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Send again' }))
    expect(await screen.findByText('Being sent')).toBeTruthy()
    expect(screen.queryByText('No voice <b>like</b> that')).toBeNull()
  })

  const drifted = {
    state: 'drifted' as const,
    pushedVersion: 3,
    checkedAt: '2026-11-20T15:00:03.000Z',
    error: null,
    drift: {
      foundAt: '2026-11-20T16:00:00.000Z',
      isGone: false,
      differences: [{ path: 'temperature', before: 0, after: 1 }],
    },
  }

  test('a drift shows both sides; theirs goes into the draft on its revision', async () => {
    const server = serve({ syncState: 'drifted', sync: drifted })
    onCall(resolveDrift, () => server.agent)
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Compare and decide' }))
    const dialog = await screen.findByRole('dialog', { name: 'Changed at ElevenLabs' })
    expect(within(dialog).getByText('At ElevenLabs now:')).toBeTruthy()
    const decide = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Decide' })
    expect(decide.disabled).toBe(true)
    await user.click(within(dialog).getByRole('radio', { name: /Theirs/ }))
    await user.click(decide)
    await waitFor(() =>
      expect(requestsTo(resolveDrift)[0]?.body).toEqual({ keep: 'theirs', expectedRevision: 7 }),
    )
  })

  test('theirs is not taken over unsaved changes; ours is sent again', async () => {
    const server = serve({ syncState: 'drifted', sync: drifted })
    onCall(resolveDrift, () => server.agent)
    const { user } = open()
    await user.type(await screen.findByLabelText(/First message/), ' Now')
    await user.click(screen.getByRole('button', { name: 'Compare and decide' }))
    const dialog = await screen.findByRole('dialog', { name: 'Changed at ElevenLabs' })
    await user.click(within(dialog).getByRole('radio', { name: /Theirs/ }))
    const decide = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Decide' })
    expect(decide.disabled).toBe(true)
    await user.click(within(dialog).getByRole('radio', { name: /Ours/ }))
    await user.click(decide)
    await waitFor(() => expect(requestsTo(resolveDrift)[0]?.body).toEqual({ keep: 'ours' }))
  })

  test('readers look at a drift and decide nothing; one that is gone offers only ours', async () => {
    serve({ syncState: 'drifted', sync: drifted })
    const reading = open('', { me: aMember('org_manager') })
    await reading.user.click(await screen.findByRole('button', { name: 'Compare' }))
    await screen.findByRole('dialog')
    expect(screen.queryByRole('radio')).toBeNull()
    reading.unmount()
    serve({
      syncState: 'drifted',
      sync: { ...drifted, drift: { ...drifted.drift, isGone: true, differences: [] } },
    })
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Compare and decide' }))
    const dialog = await screen.findByRole('dialog')
    expect(within(dialog).getAllByRole('radio')).toHaveLength(1)
  })

  test('is compared at once from the menu', async () => {
    serve()
    onCall(checkDrift, anAgentDetail({ syncState: 'drifted', sync: drifted }))
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'More for this agent' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Compare with ElevenLabs' }))
    expect(await screen.findByText('Something was changed at ElevenLabs')).toBeTruthy()
  })
})

describe('history', () => {
  test('compares a version with the one before, or with the draft', async () => {
    serve()
    onCall(listVersions, aPage([aVersion(), aVersion({ number: 2, note: '', restoredFrom: 1 })]))
    onCall(diffVersions, { differences: [{ path: 'language', before: 'en', after: 'de' }] })
    const { user } = open('?tab=history')
    expect(await screen.findByText('again version 1')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Compare version 3' }))
    const dialog = await screen.findByRole('dialog', { name: 'What differs' })
    expect((await within(dialog).findByText('de')).tagName).toBe('INS')
    await user.selectOptions(within(dialog).getByLabelText('To'), 'The saved draft')
    await waitFor(() => expect(requestsTo(diffVersions)).toHaveLength(2))
    expect(requestsTo(diffVersions).map(({ query }) => query)).toEqual([
      { from: '2', to: '3' },
      { from: '2', to: 'draft' },
    ])
  })

  test('publishes an old version again, on the one that was seen', async () => {
    const server = serve()
    onCall(listVersions, aPage([aVersion(), aVersion({ number: 2 })]))
    onCall(diffVersions, { differences: [] })
    onCall(rollbackAgent, () => {
      server.agent = { ...server.agent, publishedVersion: 4 }
      return server.agent
    })
    const { user } = open('?tab=history')
    expect(await screen.findByText('Published now')).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Restore version 3' })).toBeNull()
    onCall(diffVersions, () => aProblem(403, 'request.forbidden'))
    await user.click(screen.getByRole('button', { name: 'Restore version 2' }))
    const dialog = within(await screen.findByRole('dialog'))
    // What it changes for callers can be asked for again; it is not simply left out.
    await dialog.findByRole('alert')
    onCall(diffVersions, { differences: [] })
    await user.click(dialog.getByRole('button', { name: 'Try again' }))
    await waitFor(() => expect(dialog.queryByRole('alert')).toBeNull())
    await user.click(dialog.getByRole('button', { name: 'Publish again' }))
    await waitFor(() =>
      expect(requestsTo(rollbackAgent)[0]?.body).toEqual({
        number: 2,
        expectedVersion: 3,
        note: '',
      }),
    )
  })
})

describe('the whole agent', () => {
  test('with a number is archived only with its name typed', async () => {
    serve()
    onCall(archiveAgent, () => new Response(null, { status: 204 }))
    const { user, visited } = open()
    await user.click(await screen.findByRole('button', { name: 'More for this agent' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Archive' }))
    const dialog = await screen.findByRole('dialog', { name: 'Archive Front desk?' })
    const archive = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Archive' })
    expect(archive.disabled).toBe(true)
    await user.type(within(dialog).getByLabelText('Type Front desk to go on'), 'Front desk')
    await user.click(archive)
    await waitFor(() => expect(visited).toEqual(['/agents']))
    expect(requestsTo(archiveAgent)[0]?.body).toEqual({ confirmName: 'Front desk' })
  })

  test('is duplicated under another name, which is opened', async () => {
    serve()
    onCall(duplicateAgent, anAgentDetail({ id: anId(709), name: 'Front desk (copy)' }))
    const { user, visited } = open()
    await user.click(await screen.findByRole('button', { name: 'More for this agent' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Duplicate' }))
    await user.click(await screen.findByRole('button', { name: 'Duplicate' }))
    await waitFor(() => expect(visited).toEqual([`/agents/${anId(709)}`]))
    expect(requestsTo(duplicateAgent)[0]?.body).toEqual({ name: 'Front desk (copy)' })
  })
})

describe('trying a webhook', () => {
  test('sends the tool as it stands with the values typed, and shows what came back as text', async () => {
    serve()
    onCall(testTool, {
      status: 200,
      error: null,
      durationMs: 84,
      bodyHead: '<b>10:30</b>',
      isTruncated: false,
      request: {
        method: 'POST',
        url: 'https://hooks.northwind.test/slots',
        body: '{"day":"Monday"}',
      },
    })
    const { user } = open('?tab=tools')
    await user.click(await screen.findByRole('button', { name: /^find_slot/ }))
    const bench = await screen.findByRole('region', { name: 'Try it' })
    await user.type(within(bench).getByLabelText('day'), 'Monday{Enter}')
    expect(await within(bench).findByText('<b>10:30</b>')).toBeTruthy()
    expect(within(bench).getByText(/Answered 200/).textContent).toContain('84 ms')
    expect(requestsTo(testTool)[0]?.body).toMatchObject({
      tool: { name: 'find_slot' },
      values: { day: 'Monday' },
    })
    expect(requestsTo(saveDraft)).toEqual([])
  })

  test('says why there was no answer, and asks for what is missing before it sends', async () => {
    serve()
    onCall(testTool, {
      status: null,
      error: 'timeout',
      durationMs: 20_000,
      bodyHead: '',
      isTruncated: false,
      request: { method: 'POST', url: 'https://hooks.northwind.test/slots', body: '{}' },
    })
    const { user } = open('?tab=tools')
    await user.click(await screen.findByRole('button', { name: /^find_slot/ }))
    await user.click(await screen.findByRole('button', { name: 'Send' }))
    expect(await screen.findByText('No answer in time')).toBeTruthy()
    const address = screen.getByLabelText('Address')
    await user.clear(address)
    await user.type(address, 'nonsense')
    await user.click(screen.getByRole('button', { name: 'Send' }))
    await waitFor(() => expect(address.getAttribute('aria-invalid')).toBe('true'))
    expect(requestsTo(testTool)).toHaveLength(1)
  })
})

test('the key webhook tools carry is replaced after a question, and shown once', async () => {
  serve()
  onCall(replaceToolKey, {
    header: 'x-voxcalls-tool-key',
    lastFour: 'Zz9_',
    createdAt: '2026-11-20T15:00:00.000Z',
    key: 'voxtool_secret_Zz9_',
  })
  const { user, queries } = open('?tab=tools')
  expect(await screen.findByText('aB3d')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Replace key' }))
  const question = await screen.findByRole('dialog', { name: 'Replace the key for webhooks?' })
  expect(requestsTo(replaceToolKey)).toEqual([])
  await user.click(within(question).getByRole('button', { name: 'Replace key' }))
  expect(await screen.findByText('voxtool_secret_Zz9_')).toBeTruthy()
  onCall(getToolKey, () => aProblem(403, 'request.forbidden'))
  await queries.refetchQueries({ queryKey: endpointKey(getToolKey) })
  expect(screen.getByText('voxtool_secret_Zz9_')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'I have kept it' }))
  expect(screen.queryByText('voxtool_secret_Zz9_')).toBeNull()
})

describe('a voice’s sample', () => {
  test('is fetched when it is asked for and can be stopped', async () => {
    serve()
    const bytes = new Response('mp3', { headers: { 'content-type': 'audio/mpeg' } })
    onCall(getVoiceSample, () => bytes.clone())
    URL.createObjectURL = () => 'blob:sample'
    URL.revokeObjectURL = () => undefined
    const { user } = open('?tab=voice')
    await user.click(await screen.findByRole('button', { name: 'Play a sample of Alma' }))
    await user.click(await screen.findByRole('button', { name: 'Stop the sample of Alma' }))
    expect(await screen.findByRole('button', { name: 'Play a sample of Alma' })).toBeTruthy()
    expect(requestsTo(getVoiceSample).map(({ path }) => path)).toEqual([
      '/v1/voices/voice-alma/sample',
    ])
  })

  test('that cannot be had leaves the voice to be chosen', async () => {
    serve()
    onCall(getVoiceSample, () => aProblem(404, 'request.not_found', 'No sample.'))
    const { user } = open('?tab=voice')
    await user.click(await screen.findByRole('button', { name: 'Play a sample of Alma' }))
    await waitFor(() => expect(requestsTo(getVoiceSample)).toHaveLength(1))
    expect(await screen.findByRole('button', { name: 'Play a sample of Alma' })).toBeTruthy()
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Alma' }).disabled).toBe(false)
  })
})

test('numbers of the agent are shown, and there is one to attach', async () => {
  serve()
  onCall(listPhoneNumbers, aPage([]))
  open('?tab=numbers')
  expect(await screen.findByRole('button', { name: 'Detach (500) 555-0006' })).toBeTruthy()
  expect(await screen.findByText('There is no other number that could be attached.')).toBeTruthy()
})
