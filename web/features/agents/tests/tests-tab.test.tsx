import { screen, waitFor, within } from '@testing-library/react'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createAgentTest,
  deleteAgentTest,
  endTestRun,
  getAgentTest,
  getTestRun,
  listAgentTests,
  listTestRuns,
  replaceAgentTest,
  startTestRuns,
} from '#contracts/agent-tests'
import {
  changePublishGate,
  diffVersions,
  getAgent,
  publishAgent,
  saveDraft,
} from '#contracts/agents'
import { previewCost } from '#contracts/wallet'
import { anAgentDetail, type DetailWire } from '../../../testing/agent-factories.ts'
import {
  anAgentTest,
  aResult,
  aRunDetail,
  aTestRun,
  type TestWire,
} from '../../../testing/agent-test-factories.ts'
import { aProblem, never, onCall, requestsTo } from '../../../testing/api.ts'
import { aMe, aMember, anId, aPage } from '../../../testing/factories.ts'
import { renderScreen } from '../../../testing/screen.tsx'
import { aPreview } from '../../../testing/wallet-factories.ts'
import { AgentScreen } from '../agent-screen.tsx'

beforeEach(() => onCall(previewCost, aPreview()))

/** The API's side: an agent, its tests, and runs that are lined up as the real one does. */
function serve(tests: TestWire[], over: Partial<DetailWire> = {}) {
  const server = { agent: anAgentDetail({ testCount: tests.length, ...over }), tests }
  onCall(getAgent, () => server.agent)
  onCall(listAgentTests, () => aPage(server.tests))
  onCall(listTestRuns, aPage([]))
  onCall(startTestRuns, ({ body }: { body: unknown }) => {
    const { testIds } = body as { testIds?: string[] }
    const asked = server.tests.filter(({ id }) => !testIds || testIds.includes(id))
    const runs = asked.map(({ id, name }) =>
      aTestRun({ testId: id, testName: name, state: 'queued', finishedAt: null }),
    )
    server.tests = server.tests.map((each) => ({
      ...each,
      ...(asked.includes(each) && { verdict: 'queued' as const }),
    }))
    return { items: runs }
  })
  return server
}

const open = (search = '', options: Parameters<typeof renderScreen>[1] = {}) =>
  renderScreen(<AgentScreen agentId={anId(700)} />, { search: `?tab=tests${search}`, ...options })

const failedRun = () => aTestRun({ id: anId(761), state: 'failed' })
const failed = (over: Partial<TestWire> = {}) =>
  anAgentTest({ id: anId(751), name: 'Barge-in', lastRun: failedRun(), ...over })
const unrun = () => anAgentTest({ id: anId(752), name: 'Keypad', lastRun: null })

const paused = () => {
  const person = aMe()
  const membership = person.membership && {
    ...person.membership,
    organizationStatus: 'paused' as const,
  }
  return { ...person, membership }
}

/** Picks an entry of a test's menu. */
async function choose(user: ReturnType<typeof open>['user'], name: string, item: string) {
  await user.click(await screen.findByRole('button', { name: `More for ${name}` }))
  await user.click(await screen.findByRole('menuitem', { name: item }))
}

describe('the list', () => {
  test('loading, failing and empty are told apart', async () => {
    serve([])
    onCall(listAgentTests, never)
    const loading = open()
    expect(await screen.findByRole('status', { name: 'Loading tests' })).toBeTruthy()
    loading.unmount()
    onCall(listAgentTests, () => aProblem(409, 'tests.strange', 'It is as it is.'))
    const failing = open()
    expect((await screen.findByRole('alert')).textContent).toContain('It is as it is.')
    failing.unmount()
    serve([])
    open()
    expect(await screen.findByText('No tests yet')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'New test' })).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Run all' })).toBeNull()
  })

  test('says of each test what became of it on the present draft, and why there is no verdict', async () => {
    const broken = aTestRun({
      state: 'broken',
      reason: 'refused_by_vendor',
      detail: 'unknown voice',
    })
    serve([
      anAgentTest(),
      failed(),
      unrun(),
      anAgentTest({ id: anId(753), name: 'Hang-up', lastRun: broken }),
    ])
    open()
    const rows = await within(await screen.findByRole('list', { name: 'Tests' })).findAllByRole(
      'listitem',
    )
    const texts = rows.map((row) => row.textContent ?? '')
    expect(texts[0]).toContain('Passed')
    expect(texts[1]).toContain('Failed')
    expect(texts[2]).toContain('Not run on this draft')
    expect(texts[3]).toContain('ElevenLabs refused the draft')
    expect(texts[3]).toContain('unknown voice')
    expect(screen.getByText('1 of 4 passed on the present draft')).toBeTruthy()
  })

  test('readers look at tests and at what is needed for publishing, without a control', async () => {
    serve([failed()], { publishNeedsTests: true })
    open('', { me: aMember('org_manager') })
    expect(await screen.findByText('Barge-in')).toBeTruthy()
    expect(
      screen.getByText('The draft is published only when all tests passed on it.'),
    ).toBeTruthy()
    for (const name of ['Run all', 'New test', 'Import a file', 'Run Barge-in', /^More for/])
      expect(screen.queryByRole('button', { name })).toBeNull()
    expect(screen.queryByRole('switch')).toBeNull()
  })

  test('while the organization is paused, or without money, buttons say why', async () => {
    serve([failed()])
    const view = open('', { me: paused() })
    const run = await screen.findByRole('button', { name: 'Run Barge-in' })
    expect(run.getAttribute('aria-disabled')).toBe('true')
    expect(screen.getByRole('button', { name: 'New test' }).getAttribute('aria-disabled')).toBe(
      'true',
    )
    view.unmount()
    onCall(previewCost, aPreview({ canStart: false, reason: 'insufficient_balance' }))
    const { user } = open()
    const all = await screen.findByRole('button', { name: 'Run all' })
    await waitFor(() => expect(all.getAttribute('aria-disabled')).toBe('true'))
    await user.click(all)
    expect(requestsTo(startTestRuns)).toEqual([])
  })
})

describe('running', () => {
  test('one or all of them lines them up; what waits is not asked for again', async () => {
    serve([failed(), unrun()])
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Run Keypad' }))
    expect(await screen.findByText('Waiting')).toBeTruthy()
    const run = screen.getByRole('button', { name: 'Run Keypad' })
    expect(run.getAttribute('aria-disabled')).toBe('true')
    await user.click(run)
    await user.click(screen.getByRole('button', { name: 'Run all' }))
    await waitFor(() => expect(requestsTo(startTestRuns)).toHaveLength(2))
    const [one, all] = requestsTo(startTestRuns)
    expect(one?.body).toEqual({ testIds: [anId(752)] })
    expect(all?.body).toEqual({})
    expect(one?.idempotencyKey).not.toBe(all?.idempotencyKey)
    expect(await screen.findByText('2 tests are running or waiting')).toBeTruthy()
  })

  test('a verdict that comes later is shown without a word of the person', async () => {
    const server = serve([unrun()])
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Run Keypad' }))
    expect(await screen.findByText('Waiting')).toBeTruthy()
    server.tests = [anAgentTest({ id: anId(752), name: 'Keypad' })]
    expect(await screen.findByText('Passed')).toBeTruthy()
  })

  test('asks before it saves what was typed, and runs only what could be saved', async () => {
    const server = serve([unrun()])
    onCall(saveDraft, ({ body }: { body: unknown }) => {
      const { spec } = body as { spec: DetailWire['draft'] }
      server.agent = { ...server.agent, draft: spec, draftRevision: 8 }
      return server.agent
    })
    const { user } = open()
    await user.click(await screen.findByRole('tab', { name: 'Prompt' }))
    await user.type(await screen.findByLabelText(/First message/), ' Now')
    await user.click(screen.getByRole('tab', { name: 'Tests' }))
    await user.click(await screen.findByRole('button', { name: 'Run all' }))
    const question = await screen.findByRole('dialog', { name: 'Save the draft first?' })
    await user.click(within(question).getByRole('button', { name: 'Cancel' }))
    expect([requestsTo(saveDraft), requestsTo(startTestRuns)]).toEqual([[], []])
    await user.click(screen.getByRole('button', { name: 'Run all' }))
    await user.click(await screen.findByRole('button', { name: 'Save and run' }))
    await waitFor(() => expect(requestsTo(startTestRuns)).toHaveLength(1))
    expect(requestsTo(saveDraft)).toHaveLength(1)
    expect(await screen.findByText('Waiting')).toBeTruthy()
  })

  test('that is refused says so above the tests', async () => {
    serve([unrun()])
    onCall(startTestRuns, () => aProblem(409, 'agent-tests.strange', 'Not now.'))
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Run all' }))
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('No test was started.')
    expect(alert.textContent).toContain('Not now.')
  })
})

describe('a test', () => {
  const seen = () =>
    aRunDetail({
      ...failedRun(),
      results: [
        aResult({ seen: 'Northwind, <b>hello</b>' }),
        aResult({ step: 1, check: 'says', atMs: 3_200 }),
        aResult({
          step: 2,
          outcome: 'failed',
          code: 'not_said',
          seen: 'We are closed.',
          atMs: 83_400,
        }),
        aResult({ step: 3, check: 'gapAtMost', outcome: 'skipped', code: 'skipped', atMs: null }),
        aResult({ step: 4, check: 'chargeAtMost', measured: 9, atMs: null }),
        aResult({ step: null, check: 'settled', atMs: null }),
      ],
    })

  test('whose call ended before its steps were done says how, in words', async () => {
    serve([failed()])
    onCall(
      getTestRun,
      aRunDetail({
        ...failedRun(),
        results: [
          aResult({ outcome: 'failed', code: 'call_over', seen: 'agent_hung_up', atMs: 900 }),
        ],
      }),
    )
    open(`&test=${anId(751)}`)
    const steps = await screen.findByRole('list', { name: 'Steps and what was seen' })
    expect(within(steps).getAllByRole('listitem')[0]?.textContent).toContain(
      'The call was over before it could be done. Seen: Agent said goodbye',
    )
    expect(within(steps).getAllByText('Not done')).toHaveLength(4)
  })

  test('shows of its last run what was expected and seen, each with its moment of the call', async () => {
    serve([failed()])
    onCall(getTestRun, seen())
    onCall(listTestRuns, aPage([failedRun(), aTestRun({ isPresent: false })]))
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Barge-in' }))
    const steps = await screen.findByRole('list', { name: 'Steps and what was seen' })
    const rows = within(steps).getAllByRole('listitem')
    expect(rows.map((row) => row.querySelector('.sr-only')?.textContent)).toEqual([
      'Passed',
      'Passed',
      'Failed',
      'Not done',
      'Passed',
    ])
    expect(rows[0]?.textContent).toContain('<b>hello</b>')
    expect(rows[2]?.textContent).toContain('“nine to five”, “Monday”, within 10 s')
    expect(rows[2]?.textContent).toContain('The words were not said. Seen: We are closed.')
    expect(rows[4]?.textContent).toContain('Measured: $0.09')
    const link = within(steps).getByRole('link', { name: 'Listen at 1:23' })
    expect(link.getAttribute('href')).toBe(`/calls/${anId(1)}?t=83`)
    expect(screen.getByRole('link', { name: 'Open the call' })).toBeTruthy()
    expect(screen.getByText('cost $0.09')).toBeTruthy()
    expect(document.activeElement?.textContent).toBe('Barge-in')
    expect(await screen.findByText('another draft or another wording of the test')).toBeTruthy()
  })

  test('shows an earlier run, and says that it is about another draft', async () => {
    serve([anAgentTest()])
    onCall(getTestRun, aRunDetail({ isPresent: false, costCents: null, callId: null }))
    const { user, search } = open(`&test=${anId(750)}&run=${anId(760)}`)
    expect(await screen.findByText(/This run was of another draft/)).toBeTruthy()
    expect(screen.queryByRole('link', { name: /Listen/ })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Show the present state' }))
    await waitFor(() => expect(search()).not.toContain('run='))
  })

  test('that is run while an earlier run is shown goes on with the new one', async () => {
    serve([anAgentTest()])
    onCall(getTestRun, aRunDetail({ isPresent: false }))
    const { user, search } = open(`&test=${anId(750)}&run=${anId(760)}`)
    await user.click(await screen.findByRole('button', { name: 'Run Opening hours' }))
    await waitFor(() => expect(requestsTo(startTestRuns)).toHaveLength(1))
    expect(search()).toContain(`test=${anId(750)}`)
    expect(search()).not.toContain('run=')
  })

  test('that never ran shows its steps; one under way what is still to come', async () => {
    const running = aTestRun({ state: 'running', finishedAt: null })
    serve([unrun(), anAgentTest({ lastRun: running })])
    onCall(getTestRun, aRunDetail({ ...running, results: [], costCents: null }))
    const { user } = open(`&test=${anId(752)}`)
    const steps = await screen.findByRole('list', { name: 'Steps' })
    expect(within(steps).getAllByRole('listitem')).toHaveLength(5)
    await user.click(screen.getByRole('button', { name: 'All tests' }))
    await user.click(await screen.findByRole('button', { name: 'Opening hours' }))
    expect(await screen.findByText(/The call is under way/)).toBeTruthy()
    expect(screen.getAllByText('Still to come')).toHaveLength(5)
  })

  test.each(['queued', 'running'] as const)(
    'that is %s is ended by hand, once, and then says so',
    async (state) => {
      const run = aTestRun({ state, callId: null, finishedAt: null })
      const server = serve([anAgentTest({ lastRun: run })])
      const shown = { run: aRunDetail({ ...run, results: [], costCents: null }) }
      onCall(getTestRun, () => shown.run)
      onCall(endTestRun, () => {
        const over = { state: 'broken', reason: 'ended_by_hand' } as const
        const finishedAt = '2026-11-20T15:00:05.000Z'
        shown.run = { ...shown.run, ...over, finishedAt }
        // A run that waited says nothing of the draft.
        server.tests = [anAgentTest({ lastRun: null })]
        return { ...run, ...over, finishedAt }
      })
      const { user } = open(`&test=${anId(750)}&run=${run.id}`)
      await user.click(await screen.findByRole('button', { name: 'End the run' }))
      expect(await screen.findByText('Somebody ended the run. Run the test again.')).toBeTruthy()
      expect(screen.queryByRole('button', { name: 'End the run' })).toBeNull()
      const path = `/v1/agents/${anId(700)}/test-runs/${run.id}/end`
      expect(requestsTo(endTestRun)).toMatchObject([{ path }])
    },
  )

  test('that waits is ended by those who may write tests, and a refusal is told', async () => {
    const run = aTestRun({ state: 'queued', callId: null, finishedAt: null })
    serve([anAgentTest({ lastRun: run })])
    onCall(getTestRun, aRunDetail({ ...run, results: [], costCents: null }))
    const reader = open(`&test=${anId(750)}`, { me: aMember('org_manager') })
    expect(await screen.findByText(/It waits for its turn/)).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'End the run' })).toBeNull()
    reader.unmount()
    const held = open(`&test=${anId(750)}`, { me: paused() })
    const off = await screen.findByRole('button', { name: 'End the run' })
    expect(off.getAttribute('aria-disabled')).toBe('true')
    held.unmount()
    onCall(endTestRun, () => aProblem(409, 'tests.strange', 'It is as it is.'))
    const { user } = open(`&test=${anId(750)}`)
    await user.click(await screen.findByRole('button', { name: 'End the run' }))
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('The run was not ended.')
    expect(alert.textContent).toContain('It is as it is.')
    const again = screen.getByRole('button', { name: 'End the run' })
    expect(again.hasAttribute('disabled')).toBe(false)
  })

  test('that is gone, or whose run is, says so', async () => {
    serve([anAgentTest()])
    onCall(getTestRun, () => aProblem(404, 'request.not_found', 'Nothing there.'))
    const view = open(`&test=${anId(799)}`)
    expect(await screen.findByRole('heading', { name: 'There is no such test' })).toBeTruthy()
    view.unmount()
    open(`&run=${anId(799)}`)
    expect(await screen.findByText('There is no such run')).toBeTruthy()
  })

  test('that was deleted is still read by its runs', async () => {
    serve([])
    const gone = aTestRun({ testId: null, isPresent: false })
    onCall(listTestRuns, aPage([gone]))
    onCall(getTestRun, aRunDetail({ ...gone }))
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Runs of all tests' }))
    await user.click(await screen.findByRole('button', { name: /Show the run of Opening hours/ }))
    expect(await screen.findByRole('heading', { level: 2, name: 'Opening hours' })).toBeTruthy()
  })

  test('is deleted after a question', async () => {
    const server = serve([failed()])
    onCall(deleteAgentTest, () => {
      server.tests = []
      return new Response(null, { status: 204 })
    })
    const { user } = open()
    await choose(user, 'Barge-in', 'Delete')
    const question = await screen.findByRole('dialog', { name: 'Delete the test Barge-in?' })
    expect(requestsTo(deleteAgentTest)).toEqual([])
    await user.click(within(question).getByRole('button', { name: 'Delete' }))
    expect(await screen.findByText('No tests yet')).toBeTruthy()
  })

  test('is downloaded as the file that can be read again', async () => {
    serve([anAgentTest()])
    const kept: { name: string; text: Promise<string> }[] = []
    URL.createObjectURL = (content) => {
      kept.push({ name: '', text: (content as Blob).text() })
      return 'blob:test'
    }
    URL.revokeObjectURL = () => undefined
    const follows = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      const last = kept.at(-1)
      if (last) last.name = this.download
    })
    const { user } = open()
    await choose(user, 'Opening hours', 'Download as a file')
    expect(kept[0]?.name).toBe('opening-hours.agent-test.json')
    const { name, steps } = anAgentTest()
    expect(JSON.parse((await kept[0]?.text) ?? '')).toEqual({ name, steps })
    follows.mockRestore()
  })
})

describe('writing a test', () => {
  const made = (body: unknown) =>
    anAgentTest({ ...(body as Pick<TestWire, 'name' | 'steps'>), id: anId(760), lastRun: null })

  test('adds, moves and takes away steps, each kind with its own fields', async () => {
    const server = serve([])
    onCall(createAgentTest, ({ body }: { body: unknown }) => {
      server.tests = [made(body)]
      return server.tests[0]
    })
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'New test' }))
    const dialog = await screen.findByRole('dialog', { name: 'New test' })
    const inside = within(dialog)
    await user.type(inside.getByLabelText('Name'), 'Hours')
    await user.type(inside.getByLabelText('Words'), 'When are you open?')
    await user.type(inside.getByLabelText('Phrases'), 'nine to five{Enter}Monday')
    await user.click(inside.getByRole('button', { name: 'Add step' }))
    const third = inside.getByRole('combobox', { name: 'What happens in step 3' })
    await waitFor(() => expect(document.activeElement).toBe(third))
    await user.selectOptions(third, 'Caller presses keys')
    await user.type(inside.getByLabelText('Keys'), '12#')
    await user.keyboard('{Alt>}{ArrowUp}{/Alt}')
    expect(inside.getByText('Step 3 is now step 2 of 3')).toBeTruthy()
    await user.click(inside.getByRole('button', { name: 'Add step' }))
    await user.click(inside.getByRole('button', { name: 'Remove step 4' }))
    await user.click(inside.getByRole('button', { name: 'Save test' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(createAgentTest).map(({ body }) => body)).toEqual([
      {
        name: 'Hours',
        steps: [
          { says: 'When are you open?' },
          { presses: '12#' },
          { agentSays: ['nine to five', 'Monday'], withinMs: 15_000 },
        ],
      },
    ])
    expect(await screen.findByRole('button', { name: 'Hours' })).toBeTruthy()
  })

  test('says at each field what is wrong with it, and of a step that it stands in the wrong place', async () => {
    serve([])
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'New test' }))
    const dialog = await screen.findByRole('dialog', { name: 'New test' })
    const inside = within(dialog)
    await user.type(inside.getByLabelText('Phrases'), '...')
    await user.click(inside.getByRole('button', { name: 'Save test' }))
    expect(await inside.findAllByText('Fill this in')).toHaveLength(2)
    expect(inside.getByText('There is no word in it')).toBeTruthy()
    expect(document.activeElement).toBe(inside.getByLabelText('Name'))
    await user.type(inside.getByLabelText('Name'), 'Hours')
    await user.selectOptions(
      inside.getByRole('combobox', { name: 'What happens in step 1' }),
      'Agent answers quickly',
    )
    await user.clear(inside.getByLabelText('Phrases'))
    await user.type(inside.getByLabelText('Phrases'), 'hello')
    await user.click(inside.getByRole('button', { name: 'Save test' }))
    expect(await inside.findByText('The caller has to say something before it.')).toBeTruthy()
    expect(requestsTo(createAgentTest)).toEqual([])
  })

  test('asks before what was typed is lost, and a taken name lands on its field', async () => {
    serve([])
    onCall(createAgentTest, () => aProblem(409, 'agent-tests.name_taken', 'Taken.'))
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'New test' }))
    await user.type(await screen.findByLabelText('Name'), 'Hours')
    await user.type(screen.getByLabelText('Words'), 'Hello?')
    await user.type(screen.getByLabelText('Phrases'), 'hello')
    await user.keyboard('{Escape}')
    const question = await screen.findByRole('dialog', { name: 'Discard the changes?' })
    await user.click(within(question).getByRole('button', { name: 'Cancel' }))
    await user.click(screen.getByRole('button', { name: 'Save test' }))
    expect(await screen.findByText('This agent has a test of this name already')).toBeTruthy()
    expect(screen.getByLabelText('Name').getAttribute('aria-invalid')).toBe('true')
  })

  test('that somebody saved in between shows both, and goes on with mine on their revision', async () => {
    const theirs = anAgentTest({ revision: 3, name: 'Theirs', updatedBy: 'Ben Okafor' })
    const server = serve([anAgentTest()])
    onCall(getAgentTest, theirs)
    onCall(replaceAgentTest, ({ body }: { body: unknown }) => {
      const { expectedRevision } = body as { expectedRevision: number }
      server.tests = [theirs]
      return expectedRevision === 3
        ? anAgentTest({ revision: 4, name: 'Mine' })
        : aProblem(409, 'agent-tests.changed_elsewhere', 'Changed.')
    })
    const { user } = open()
    await choose(user, 'Opening hours', 'Edit')
    const name = await screen.findByLabelText('Name')
    await user.clear(name)
    await user.type(name, 'Mine')
    await user.click(screen.getByRole('button', { name: 'Save test' }))
    expect(await screen.findByText('Ben Okafor saved this test meanwhile')).toBeTruthy()
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Save test' }).disabled).toBe(true)
    await user.click(screen.getByRole('button', { name: 'Go on with mine' }))
    await user.click(screen.getByRole('button', { name: 'Save test' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(replaceAgentTest).map(({ body }) => body)).toMatchObject([
      { name: 'Mine', expectedRevision: 2 },
      { name: 'Mine', expectedRevision: 3 },
    ])
  })

  test('that somebody saved in between goes on with theirs', async () => {
    serve([anAgentTest()])
    onCall(getAgentTest, anAgentTest({ revision: 3, name: 'Theirs' }))
    onCall(replaceAgentTest, () => aProblem(409, 'agent-tests.changed_elsewhere', 'Changed.'))
    const { user } = open()
    await choose(user, 'Opening hours', 'Edit')
    const name = await screen.findByLabelText<HTMLInputElement>('Name')
    await user.type(name, ' of mine')
    await user.click(screen.getByRole('button', { name: 'Save test' }))
    await user.click(await screen.findByRole('button', { name: 'Go on with what is saved' }))
    expect(name.value).toBe('Theirs')
  })

  test('that somebody deleted in between is made anew by the next save', async () => {
    serve([anAgentTest()])
    const gone = () => aProblem(404, 'request.not_found', 'Nothing there.')
    onCall(replaceAgentTest, gone)
    onCall(getAgentTest, gone)
    onCall(createAgentTest, ({ body }: { body: unknown }) => made(body))
    const { user } = open()
    await choose(user, 'Opening hours', 'Edit')
    await user.type(await screen.findByLabelText('Name'), '!')
    await user.click(screen.getByRole('button', { name: 'Save test' }))
    expect(await screen.findByText(/Somebody deleted this test meanwhile/)).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Save test' }))
    await waitFor(() => expect(requestsTo(createAgentTest)).toHaveLength(1))
  })

  test('begins with a copy under another name', async () => {
    serve([anAgentTest()])
    onCall(createAgentTest, ({ body }: { body: unknown }) => made(body))
    const { user } = open()
    await choose(user, 'Opening hours', 'Duplicate')
    expect((await screen.findByLabelText<HTMLInputElement>('Name')).value).toBe(
      'Opening hours, copy',
    )
    await user.keyboard('{Control>}s{/Control}')
    await waitFor(() =>
      expect(requestsTo(createAgentTest)[0]?.body).toMatchObject({
        name: 'Opening hours, copy',
        steps: anAgentTest().steps,
      }),
    )
  })
})

describe('a file', () => {
  const choosesFile = async (user: ReturnType<typeof open>['user'], content: unknown) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    const picker = await screen.findByLabelText('Import a file', { selector: 'input' })
    await user.upload(picker, new File([text], 'hours.json', { type: 'application/json' }))
  }

  test('is read into the editor and saved from there', async () => {
    serve([])
    onCall(createAgentTest, ({ body }: { body: unknown }) =>
      anAgentTest({ ...(body as Pick<TestWire, 'name' | 'steps'>), lastRun: null }),
    )
    const { user } = open()
    await choosesFile(user, { name: 'From a file', steps: [{ says: 'Hello?' }] })
    expect((await screen.findByLabelText<HTMLInputElement>('Name')).value).toBe('From a file')
    await user.click(screen.getByRole('button', { name: 'Save test' }))
    await waitFor(() =>
      expect(requestsTo(createAgentTest)[0]?.body).toEqual({
        name: 'From a file',
        steps: [{ says: 'Hello?' }],
      }),
    )
  })

  test('that is wrong says at which step, and sends nothing', async () => {
    serve([])
    const { user } = open()
    await choosesFile(user, {
      name: 'Wrong',
      steps: [{ says: 'Hello?' }, { sayz: 'x' }, { waits: 1 }],
    })
    const dialog = await screen.findByRole('dialog', { name: 'This file is not a test yet' })
    expect(dialog.textContent).toContain('Step 2{"sayz":"x"}A step has exactly one of says')
    expect(dialog.textContent).toContain('Step 3{"waits":1}In waits: At least 100')
    expect(dialog.textContent).toContain('One step is fine.')
    await user.click(within(dialog).getAllByRole('button', { name: 'Close' })[0] as HTMLElement)
    await choosesFile(user, '{ name: ')
    expect((await screen.findByRole('dialog')).textContent).toContain('It is not JSON')
    expect(requestsTo(createAgentTest)).toEqual([])
  })
})

describe('publishing', () => {
  test('needs tests once the switch says so', async () => {
    const server = serve([failed()])
    onCall(changePublishGate, ({ body }: { body: unknown }) => {
      const { needsTests } = body as { needsTests: boolean }
      server.agent = { ...server.agent, publishNeedsTests: needsTests }
      return server.agent
    })
    const { user } = open()
    const gate = await screen.findByRole('switch', {
      name: 'Publish only when all tests pass',
    })
    await user.click(gate)
    await waitFor(() => expect(gate.getAttribute('aria-checked')).toBe('true'))
    expect(requestsTo(changePublishGate)[0]?.body).toEqual({ needsTests: true })
  })

  test('waits for the tests in its way, runs them, and goes on when they passed', async () => {
    const server = serve([failed(), anAgentTest()], {
      publishNeedsTests: true,
      unpassedTestCount: 1,
      hasUnpublishedChanges: true,
    })
    onCall(diffVersions, { differences: [] })
    onCall(publishAgent, () => ({ ...server.agent, publishedVersion: 4 }))
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Publish' }))
    const dialog = await screen.findByRole('dialog', { name: 'Publish version 4' })
    const inside = within(dialog)
    const publish = inside.getByRole<HTMLButtonElement>('button', { name: 'Publish' })
    expect(publish.disabled).toBe(true)
    expect(await inside.findByText('Barge-in')).toBeTruthy()
    expect(inside.queryByText('Opening hours')).toBeNull()
    await user.click(inside.getByRole('button', { name: 'Run it' }))
    await waitFor(() =>
      expect(requestsTo(startTestRuns)[0]?.body).toEqual({ testIds: [anId(751)] }),
    )
    server.tests = [anAgentTest({ id: anId(751), name: 'Barge-in' }), anAgentTest()]
    server.agent = { ...server.agent, unpassedTestCount: 0 }
    expect(await inside.findByText('All tests passed on this draft.')).toBeTruthy()
    await user.click(publish)
    await waitFor(() => expect(requestsTo(publishAgent)).toHaveLength(1))
  })

  test('that is refused because of a test in between names it', async () => {
    const server = serve([anAgentTest()], {
      publishNeedsTests: true,
      hasUnpublishedChanges: true,
    })
    onCall(diffVersions, { differences: [] })
    onCall(publishAgent, () => {
      server.tests = [failed(), ...server.tests]
      server.agent = { ...server.agent, testCount: 2, unpassedTestCount: 1 }
      return Response.json(
        {
          type: 'about:blank',
          title: 'Refused',
          status: 409,
          detail: 'Some tests have not passed.',
          code: 'agents.tests_not_passed',
          requestId: 'req_1',
          errors: [{ path: `tests.${anId(751)}`, message: 'Barge-in' }],
        },
        { status: 409 },
      )
    })
    const { user } = open()
    await user.click(await screen.findByRole('button', { name: 'Publish' }))
    const dialog = await screen.findByRole('dialog')
    const publish = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Publish' })
    await user.click(publish)
    expect((await within(dialog).findByRole('alert')).textContent).toContain(
      'Some tests have not passed.',
    )
    expect(await within(dialog).findByText('Barge-in')).toBeTruthy()
    expect(within(dialog).getByRole('button', { name: 'Run it' })).toBeTruthy()
    expect(publish.disabled).toBe(true)
  })
})
