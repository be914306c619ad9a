import { screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { listAgents } from '#contracts/agents'
import { listCalls } from '#contracts/calls'
import { listInvitations } from '#contracts/invitations'
import { listMembers } from '#contracts/members'
import { listPhoneNumbers } from '#contracts/phone-numbers'
import { getWallet, previewCost } from '#contracts/wallet'
import { aReception } from '../../testing/agent-factories.ts'
import { aProblem, onCall, requestsTo } from '../../testing/api.ts'
import { aMe, aMember, anId, aPage, aSummary } from '../../testing/factories.ts'
import { aNumber } from '../../testing/number-factories.ts'
import { aWallet } from '../../testing/office-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { anInvitation, aPerson } from '../../testing/team-factories.ts'
import { aPreview } from '../../testing/wallet-factories.ts'
import { GettingStarted } from './getting-started.tsx'

const numberOf = (agentId: string | null) =>
  aNumber({ agentId, agentName: agentId && 'Front desk', health: agentId ? 'ok' : 'no_agent' })

function answer(there: {
  cents?: number
  numbers?: object[]
  agents?: object[]
  calls?: object[]
  invitations?: object[]
}): void {
  onCall(getWallet, aWallet({ balanceCents: there.cents ?? 0 }))
  onCall(listPhoneNumbers, aPage(there.numbers ?? []))
  onCall(listAgents, aPage(there.agents ?? []))
  onCall(listCalls, aPage(there.calls ?? []))
  onCall(listMembers, aPage([aPerson()]))
  onCall(listInvitations, aPage(there.invitations ?? []))
}

const stepsIn = async (state: 'Done:' | 'To do:') => {
  await screen.findByRole('heading', { name: 'Getting started' })
  return screen
    .getAllByRole('listitem')
    .filter((item) => item.textContent?.startsWith(state))
    .map((item) => item.textContent?.slice(state.length))
}

test('a new organization has everything before it', async () => {
  answer({})
  renderScreen(<GettingStarted />)
  expect(await stepsIn('To do:')).toHaveLength(6)
  expect(screen.getByText('0 of 6 steps done')).toBeTruthy()
  const hrefs = screen.getAllByRole('link').map((link) => link.getAttribute('href'))
  expect(hrefs).toEqual(['/wallet', '/numbers/import', '/agents', '/numbers', '/team'])
})

test('what is there counts as done: an agent that answers no number is not attached', async () => {
  answer({ cents: 500, agents: [aReception()], numbers: [numberOf(null)] })
  renderScreen(<GettingStarted />)
  expect(await stepsIn('Done:')).toEqual([
    'Top up the wallet',
    'Import a phone number',
    'Create an agent',
  ])
})

test('with everything done, or before all is known, nothing is shown', async () => {
  answer({
    agents: [aReception()],
    numbers: [numberOf(anId(61))],
    calls: [aSummary()],
    invitations: [anInvitation()],
  })
  const done = renderScreen(<GettingStarted />)
  await waitFor(() => expect(requestsTo(listInvitations)).toHaveLength(1))
  expect(screen.queryByRole('heading')).toBeNull()
  done.unmount()
  answer({})
  onCall(listAgents, () => aProblem(403, 'request.forbidden'))
  renderScreen(<GettingStarted />)
  await waitFor(() => expect(requestsTo(listInvitations)).toHaveLength(2))
  expect(screen.queryByRole('heading')).toBeNull()
})

test('put away it stays away, and nothing is asked for it', async () => {
  answer({})
  const first = renderScreen(<GettingStarted />)
  await screen.findByRole('heading', { name: 'Getting started' })
  await first.user.click(screen.getByRole('button', { name: 'Put this list away' }))
  expect(screen.queryByRole('heading')).toBeNull()
  expect(document.cookie).toContain('no-checklist')
})

test('is for admins only', () => {
  renderScreen(<GettingStarted />, { me: aMember('org_manager') })
  expect(screen.queryByRole('heading')).toBeNull()
  expect(requestsTo(getWallet)).toHaveLength(0)
})

test('a call that the wallet cannot pay for is not offered, with the reason', async () => {
  answer({})
  const sandbox = {
    softphoneUrl: 'http://127.0.0.1:4000/softphone',
    inboxUrl: 'http://127.0.0.1:4000/mail',
    eventsUrl: 'http://127.0.0.1:4000/events',
  }
  onCall(previewCost, aPreview())
  const funded = renderScreen(<GettingStarted />, { me: aMe({ sandbox }) })
  expect(await screen.findByRole('link', { name: /Call the number/ })).toBeTruthy()
  expect(screen.getByRole('link', { name: 'Top up the wallet' }).getAttribute('href')).toBe(
    '/wallet',
  )
  funded.unmount()

  onCall(previewCost, aPreview({ canStart: false, reason: 'insufficient_balance' }))
  renderScreen(<GettingStarted />, { me: aMe({ sandbox }) })
  expect(await screen.findByText(/not enough money for a call/)).toBeTruthy()
  expect(screen.queryByRole('link', { name: /Call the number/ })).toBeNull()
})
