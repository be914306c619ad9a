import { screen, waitFor, within } from '@testing-library/react'
import { beforeEach, describe, expect, test } from 'vitest'
import { listAgents } from '#contracts/agents'
import { listCarrierAccounts } from '#contracts/carrier-accounts'
import {
  checkDrift,
  getPhoneNumber,
  releasePhoneNumber,
  repairDrift,
  retryPhoneNumber,
  updatePhoneNumber,
} from '#contracts/phone-numbers'
import { previewCost } from '#contracts/wallet'
import { aReception } from '../../testing/agent-factories.ts'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { aMe, aMember, anId, aPage } from '../../testing/factories.ts'
import { aNumber, anAccount } from '../../testing/number-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { NumberScreen } from './number-screen.tsx'

const screenOf = <NumberScreen phoneNumberId={anId(600)} />
const night = aReception({ id: anId(651), name: 'Night shift' })
const drift = [
  {
    vendor: 'twilio' as const,
    what: 'voice_url' as const,
    expected: 'https://voice.voxcalls.test/twilio/voice',
    found: 'https://elsewhere.test/answer',
  },
  { vendor: 'twilio' as const, what: 'trunk' as const, expected: '', found: 'TK0123' },
]

beforeEach(() => {
  onCall(listAgents, aPage([aReception(), night]))
  onCall(listCarrierAccounts, aPage([anAccount()]))
})

const settings = () => screen.findByRole('form', { name: 'Settings of the number' })
const heard = async () => {
  const preview = await screen.findByRole('region', { name: 'What the caller hears' })
  return within(preview)
    .getAllByRole('listitem')
    .map((item) => item.textContent)
}

describe('a number', () => {
  test('stands in national form with its label, state and what is known of it', async () => {
    onCall(getPhoneNumber, aNumber())
    renderScreen(screenOf)
    expect(await screen.findByRole('heading', { level: 1, name: '(500) 555-0006' })).toBeTruthy()
    expect(screen.getByText('Active')).toBeTruthy()
    const facts = screen.getByRole('region', { name: 'About the number' })
    expect(facts.textContent).toContain('+15005550006')
    expect(facts.textContent).toContain('VoxCalls')
    expect(facts.textContent).toContain('Voice, SMS')
  })

  test('one that is not there, and one of somebody else, look alike', async () => {
    onCall(getPhoneNumber, () => aProblem(404, 'request.not_found'))
    renderScreen(screenOf)
    expect(await screen.findByText('There is no such number')).toBeTruthy()
    expect(screen.getByRole('link', { name: 'All numbers' })).toBeTruthy()
  })

  test('while it loads the bones say so; a failure tries again', async () => {
    onCall(getPhoneNumber, never)
    const { unmount } = renderScreen(screenOf)
    expect(await screen.findByRole('status', { name: 'Loading the number' })).toBeTruthy()
    unmount()
    onCall(getPhoneNumber, () => aProblem(500, 'internal'))
    const { user } = renderScreen(screenOf)
    await screen.findByRole('alert')
    onCall(getPhoneNumber, aNumber())
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByRole('heading', { level: 1 })).toBeTruthy()
  })

  test('readers see how it is set up, and nothing to press', async () => {
    onCall(
      getPhoneNumber,
      aNumber({ fallback: { kind: 'message', text: 'We are closed.' }, drift, health: 'drifted' }),
    )
    renderScreen(screenOf, { me: aMember('org_manager') })
    const part = await screen.findByRole('region', { name: 'Settings of the number' })
    expect(part.textContent).toContain('Reception')
    expect(part.textContent).toContain('Say something')
    expect(await heard()).toEqual(['We are closed.', 'The call ends'])
    for (const name of ['Release', 'Repair', 'Check at the vendors'])
      expect(screen.queryByRole('button', { name })).toBeNull()
    expect(screen.queryByRole('form')).toBeNull()
  })

  test('sales people are told whom to ask', async () => {
    renderScreen(screenOf, { me: aMember('sales_person') })
    expect(await screen.findByText('It needs the role Admin or Manager.')).toBeTruthy()
  })
})

describe('the settings', () => {
  test('only what was changed is sent, and it shows once it is taken', async () => {
    onCall(getPhoneNumber, aNumber())
    onCall(updatePhoneNumber, aNumber({ agentId: night.id, agentName: night.name }))
    const { user } = renderScreen(screenOf)
    const form = within(await settings())
    await form.findByRole('option', { name: 'Night shift' })
    await user.selectOptions(form.getByLabelText('Agent'), 'Night shift')
    await user.click(await screen.findByRole('button', { name: 'Save' }))
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Save' })).toBeNull())
    expect(requestsTo(updatePhoneNumber)).toMatchObject([{ body: { agentId: night.id } }])
    expect(Object.keys(requestsTo(updatePhoneNumber)[0]?.body as object)).toEqual(['agentId'])
  })

  test('what somebody else changed meanwhile is not sent back, and Discard shows it', async () => {
    onCall(getPhoneNumber, aNumber())
    const others = aNumber({ maxConcurrentCalls: 20, health: 'drifted', drift })
    onCall(checkDrift, others)
    const { user } = renderScreen(screenOf)
    const form = within(await settings())
    const label = form.getByLabelText<HTMLInputElement>(/^Label/)
    await user.clear(label)
    await user.type(label, 'Night line')
    onCall(getPhoneNumber, others)
    await user.click(screen.getByRole('button', { name: 'Check at the vendors' }))
    await screen.findByRole('list', { name: 'What was changed' })
    expect(label.value).toBe('Night line')
    onCall(updatePhoneNumber, () => aProblem(409, 'phone-numbers.busy'))
    await user.click(await screen.findByRole('button', { name: 'Save' }))
    await waitFor(() =>
      expect(requestsTo(updatePhoneNumber).map(({ body }) => body)).toEqual([
        { label: 'Night line' },
      ]),
    )
    await user.click(await screen.findByRole('button', { name: 'Discard' }))
    expect(label.value).toBe('Front desk')
    expect(form.getByLabelText<HTMLInputElement>(/^Calls at once|^Lines/).value).toBe('20')
  })

  test('a voicemail is previewed as it is typed, and needs words', async () => {
    onCall(getPhoneNumber, aNumber())
    onCall(updatePhoneNumber, ({ body }: { body: object }) => aNumber(body))
    const { user } = renderScreen(screenOf)
    const form = within(await settings())
    expect((await heard())[0]).toContain('The reason in a sentence')
    await user.click(form.getByRole('radio', { name: 'Voicemail' }))
    await user.click(await screen.findByRole('button', { name: 'Save' }))
    expect(await form.findByText('Fill this in')).toBeTruthy()
    expect(requestsTo(updatePhoneNumber)).toHaveLength(0)
    await user.type(form.getByLabelText('What is said'), 'Please leave a message.')
    expect(await heard()).toEqual([
      'Please leave a message.',
      'A tone; then the caller speaks, two minutes at most',
      'The call ends',
    ])
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await waitFor(() => expect(requestsTo(updatePhoneNumber)).toHaveLength(1))
    expect(requestsTo(updatePhoneNumber)[0]?.body).toEqual({
      fallback: { kind: 'voicemail', text: 'Please leave a message.' },
    })
  })

  test('a number of an own account forwards, to a number as people type it', async () => {
    onCall(getPhoneNumber, aNumber({ carrierAccountId: anId(620) }))
    onCall(updatePhoneNumber, () =>
      aProblem(422, 'phone-numbers.forward_not_allowed', 'Not to this country.'),
    )
    const { user } = renderScreen(screenOf)
    const form = within(await settings())
    await user.click(form.getByRole('radio', { name: 'Forward' }))
    const to = form.getByLabelText('Forward to')
    await user.type(to, '555 0134')
    await user.click(await screen.findByRole('button', { name: 'Save' }))
    expect(await form.findByText(/Type it with its country code/)).toBeTruthy()
    await user.clear(to)
    await user.type(to, '+1 (415) 555-0134')
    expect((await heard())[0]).toBe('(415) 555-0134 rings, and whoever is there answers')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    expect((await form.findByRole('alert')).textContent).toContain('Not to this country.')
    expect(requestsTo(updatePhoneNumber)[0]?.body).toEqual({
      fallback: { kind: 'forward', to: '+14155550134' },
    })
  })

  test('a number of the platform forwards nowhere and says why', async () => {
    onCall(getPhoneNumber, aNumber())
    renderScreen(screenOf)
    const form = within(await settings())
    expect(form.queryByRole('radio', { name: 'Forward' })).toBeNull()
    expect(form.getByText(/only numbers of your own account forward/)).toBeTruthy()
  })
})

describe('what vendors did', () => {
  test('a failure is told in the vendor’s words and tried again', async () => {
    const failed = aNumber({
      state: 'failed',
      health: 'failed',
      step: 'buying',
      error: { vendor: 'twilio', code: '21422', message: 'It is not available.' },
    })
    onCall(getPhoneNumber, failed)
    const { user } = renderScreen(screenOf)
    const notice = await screen.findByRole('region', { name: /^This failed: buying/ })
    expect(notice.textContent).toContain('Twilio says: It is not available.')
    onCall(retryPhoneNumber, aNumber({ state: 'importing', health: 'working', step: 'buying' }))
    onCall(getPhoneNumber, aNumber({ state: 'importing', health: 'working', step: 'buying' }))
    await user.click(within(notice).getByRole('button', { name: 'Try again' }))
    expect(await screen.findByText('Now: buying the number from Twilio.')).toBeTruthy()
  })

  test('a set-up is followed until the number is ready to be called', async () => {
    const me = aMe({
      sandbox: {
        softphoneUrl: 'http://s.test/',
        inboxUrl: 'http://s.test/i',
        eventsUrl: 'http://s.test/e',
      },
    })
    onCall(previewCost, {
      pricePerHourCents: 2500,
      holdCents: 42,
      availableCents: 10_000,
      minimumBalanceCents: 0,
      secondsFunded: 1_000,
      isAllowed: true,
      reason: null,
    })
    let asked = 0
    onCall(getPhoneNumber, () => {
      asked += 1
      return asked < 2
        ? aNumber({ state: 'importing', health: 'working', step: 'pointing' })
        : aNumber({ callsLast7Days: 0 })
    })
    renderScreen(screenOf, { me })
    expect(await screen.findByRole('status', { name: 'The number is being set up' })).toBeTruthy()
    const link = await screen.findByRole('link', { name: /Open the softphone/ })
    expect(link.getAttribute('href')).toBe('http://s.test/')
  })

  test('a vendor that goes on failing is named, with when it is asked next and a way to ask now', async () => {
    const working = { state: 'importing', health: 'working', step: 'pointing' } as const
    const error = { vendor: 'twilio', code: 'point-number', message: 'twilio answered 503.' }
    onCall(getPhoneNumber, aNumber({ ...working, error, nextTryAt: '2026-11-20T15:00:00.000Z' }))
    onCall(retryPhoneNumber, aNumber({ ...working, error }))
    const { user } = renderScreen(screenOf)
    const notice = await screen.findByRole('status', { name: 'The number is being set up' })
    expect(notice.textContent).toContain('twilio answered 503.')
    expect(notice.textContent).toMatch(/It is tried again at .*20/)
    onCall(getPhoneNumber, aNumber({ ...working, error }))
    await user.click(within(notice).getByRole('button', { name: 'Try again' }))
    await waitFor(() => expect(screen.queryByText(/It is tried again at/)).toBeNull())
    expect(requestsTo(retryPhoneNumber)).toHaveLength(1)
  })

  test('drift shows both sides and is repaired by a click', async () => {
    onCall(
      getPhoneNumber,
      aNumber({ health: 'drifted', drift, driftFoundAt: '2026-11-20T14:00:00.000Z' }),
    )
    onCall(repairDrift, aNumber({ state: 'changing', health: 'working' }))
    const { user } = renderScreen(screenOf)
    const list = await screen.findByRole('list', { name: 'What was changed' })
    const [url, trunk] = within(list).getAllByRole('listitem')
    expect(url?.textContent).toContain('As we left ithttps://voice.voxcalls.test/twilio/voice')
    expect(url?.textContent).toContain('As it is nowhttps://elsewhere.test/answer')
    expect(trunk?.textContent).toContain('As we left itnothing')
    onCall(getPhoneNumber, aNumber({ state: 'changing', health: 'working' }))
    await user.click(screen.getByRole('button', { name: 'Repair' }))
    expect(await screen.findByText(/The number is being changed/)).toBeTruthy()
    expect(requestsTo(repairDrift)).toHaveLength(1)
  })

  test('a check on demand brings the drift up; a vendor that does not answer is told', async () => {
    onCall(getPhoneNumber, aNumber())
    onCall(checkDrift, () => aProblem(503, 'vendor.unavailable'))
    const { user } = renderScreen(screenOf)
    await user.click(await screen.findByRole('button', { name: 'Check at the vendors' }))
    expect((await screen.findByRole('alert')).textContent).toContain(
      'The vendors could not be asked.',
    )
    const drifted = aNumber({ health: 'drifted', drift })
    onCall(checkDrift, drifted)
    onCall(getPhoneNumber, drifted)
    await user.click(screen.getByRole('button', { name: 'Check at the vendors' }))
    expect(await screen.findByRole('list', { name: 'What was changed' })).toBeTruthy()
  })
})

describe('releasing', () => {
  test('waits for the number to be typed; one of the platform goes back to Twilio', async () => {
    onCall(getPhoneNumber, aNumber())
    onCall(releasePhoneNumber, aNumber({ state: 'releasing', health: 'working' }))
    const { user } = renderScreen(screenOf)
    await user.click(await screen.findByRole('button', { name: 'Release' }))
    const dialog = within(await screen.findByRole('dialog', { name: 'Release (500) 555-0006?' }))
    const action = dialog.getByRole<HTMLButtonElement>('button', { name: 'Release' })
    expect(action.disabled).toBe(true)
    expect(dialog.queryByRole('radio')).toBeNull()
    await user.type(dialog.getByLabelText('Type +15005550006 to go on'), '+15005550006')
    onCall(getPhoneNumber, aNumber({ state: 'releasing', health: 'working' }))
    await user.click(action)
    expect(await screen.findByText('The number is being released')).toBeTruthy()
    expect(requestsTo(releasePhoneNumber)).toMatchObject([
      { body: { staysAtCarrier: false, confirmE164: '+15005550006' } },
    ])
    expect(screen.queryByRole('button', { name: 'Release' })).toBeNull()
  })

  test('one of an own account stays there unless it is to go', async () => {
    onCall(getPhoneNumber, aNumber({ carrierAccountId: anId(620) }))
    onCall(releasePhoneNumber, () => aProblem(409, 'phone-numbers.released', 'It is gone already.'))
    const { user } = renderScreen(screenOf)
    await user.click(await screen.findByRole('button', { name: 'Release' }))
    const dialog = within(await screen.findByRole('dialog'))
    await user.type(dialog.getByLabelText(/^Type /), '+15005550006')
    await user.click(dialog.getByRole('button', { name: 'Release' }))
    expect((await dialog.findByRole('alert')).textContent).toContain('It is gone already.')
    await user.click(dialog.getByRole('radio', { name: 'It is given back to Twilio' }))
    await user.click(dialog.getByRole('button', { name: 'Release' }))
    await waitFor(() => expect(requestsTo(releasePhoneNumber)).toHaveLength(2))
    expect(requestsTo(releasePhoneNumber).map(({ body }) => body)).toMatchObject([
      { staysAtCarrier: true },
      { staysAtCarrier: false },
    ])
  })
})
