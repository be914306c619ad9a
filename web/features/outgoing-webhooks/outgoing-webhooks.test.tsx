import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  listWebhookEndpoints,
  listWebhookMessages,
  pingWebhookEndpoint,
  replayWebhookMessage,
  rotateWebhookSecret,
  updateWebhookEndpoint,
} from '#contracts/outgoing-webhooks'
import { aProblem, onCall, requestsTo } from '../../testing/api.ts'
import { anId, aPage } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { aWebhookEndpoint, aWebhookMessage } from '../../testing/team-factories.ts'
import { WebhooksTab } from './webhooks-tab.tsx'

const detail = { search: `?tab=webhooks&endpoint=${anId(40)}` }

function answer(endpoint = aWebhookEndpoint(), messages = [aWebhookMessage()]): void {
  onCall(listWebhookEndpoints, aPage([endpoint]))
  onCall(listWebhookMessages, aPage(messages))
}

describe('addresses', () => {
  test('are shown with what they hear of and how they stand', async () => {
    answer(aWebhookEndpoint({ failures: 3 }))
    const { user, search } = renderScreen(<WebhooksTab />)
    const table = await screen.findByRole('table')
    expect(table.textContent).toContain('2 events')
    expect(table.textContent).toContain('Failing')
    await user.click(screen.getByRole('button', { name: /hooks.northwind/ }))
    await screen.findByRole('heading', { level: 2, name: /hooks.northwind/ })
    expect(search()).toContain(`endpoint=${anId(40)}`)
  })

  test('a new one is added, and its secret is shown once', async () => {
    onCall(listWebhookEndpoints, aPage([]))
    onCall(createWebhookEndpoint, { ...aWebhookEndpoint(), secret: 'whsec_abc' })
    const { user } = renderScreen(<WebhooksTab />)
    await user.click(await screen.findByRole('button', { name: 'Add address' }))
    const dialog = await screen.findByRole('dialog', { name: 'Add an address' })
    await user.type(within(dialog).getByLabelText('Address'), 'hooks')
    await user.click(within(dialog).getByRole('button', { name: 'Add' }))
    expect(await within(dialog).findByText(/not a web address/)).toBeTruthy()
    await user.clear(within(dialog).getByLabelText('Address'))
    await user.type(within(dialog).getByLabelText('Address'), 'https://x.test/h')
    await user.click(within(dialog).getByRole('checkbox', { name: 'wallet.low' }))
    await user.click(within(dialog).getByRole('button', { name: 'Add' }))
    expect(await screen.findByText('whsec_abc')).toBeTruthy()
    expect(requestsTo(createWebhookEndpoint)[0]?.body).toEqual({
      url: 'https://x.test/h',
      events: ['call.ended', 'wallet.low'],
    })
  })

  test('one the server does not reach out to is refused in its own words', async () => {
    onCall(listWebhookEndpoints, aPage([]))
    onCall(createWebhookEndpoint, () =>
      aProblem(422, 'outgoing-webhooks.private_address', 'This address is not on the internet.'),
    )
    const { user } = renderScreen(<WebhooksTab />)
    await user.click(await screen.findByRole('button', { name: 'Add address' }))
    const dialog = await screen.findByRole('dialog')
    await user.type(within(dialog).getByLabelText('Address'), 'http://localhost/h')
    await user.click(within(dialog).getByRole('button', { name: 'Add' }))
    expect((await within(dialog).findByRole('alert')).textContent).toContain('not on the internet')
  })
})

describe('one address', () => {
  test('takes a test, is switched off, and says why it was', async () => {
    answer(aWebhookEndpoint())
    onCall(pingWebhookEndpoint, aWebhookMessage({ event: 'test.ping', state: 'waiting' }))
    onCall(updateWebhookEndpoint, aWebhookEndpoint({ state: 'disabled' }))
    const { user } = renderScreen(<WebhooksTab />, detail)
    await user.click(await screen.findByRole('button', { name: 'Send a test' }))
    await waitFor(() => expect(requestsTo(pingWebhookEndpoint)).toHaveLength(1))
    answer(aWebhookEndpoint({ state: 'disabled', disabledReason: 'It failed for a day.' }))
    await user.click(screen.getByRole('button', { name: 'Switch off' }))
    expect(await screen.findByText('It is off: It failed for a day.')).toBeTruthy()
    expect(requestsTo(updateWebhookEndpoint)[0]?.body).toEqual({ state: 'disabled' })
    const ping = screen.getByRole('button', { name: 'Send a test' })
    expect(ping.getAttribute('aria-disabled')).toBe('true')
  })

  test('gets a new secret after a question, shown once', async () => {
    answer()
    onCall(rotateWebhookSecret, { ...aWebhookEndpoint(), secret: 'whsec_new' })
    const { user } = renderScreen(<WebhooksTab />, detail)
    await user.click(await screen.findByRole('button', { name: 'New secret' }))
    const question = await screen.findByRole('dialog', { name: 'Make a new secret?' })
    await user.click(within(question).getByRole('button', { name: 'New secret' }))
    expect(await screen.findByText('whsec_new')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'I have kept it' }))
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  test('is deleted after a question, and the list is shown', async () => {
    answer()
    onCall(deleteWebhookEndpoint, () => {
      onCall(listWebhookEndpoints, aPage([]))
      return new Response(null, { status: 204 })
    })
    const { user } = renderScreen(<WebhooksTab />, detail)
    await user.click(await screen.findByRole('button', { name: 'Delete' }))
    const question = await screen.findByRole('dialog', { name: 'Delete the address?' })
    await user.click(within(question).getByRole('button', { name: 'Delete' }))
    expect(await screen.findByText('No address hears of events yet')).toBeTruthy()
  })

  test('shows what was sent; a message opens and is sent again', async () => {
    answer()
    onCall(replayWebhookMessage, aWebhookMessage({ state: 'waiting' }))
    const { user } = renderScreen(<WebhooksTab />, detail)
    await user.click(await screen.findByRole('button', { name: 'call.ended' }))
    const dialog = await screen.findByRole('dialog', { name: 'call.ended' })
    expect(dialog.textContent).toContain('The address answered 500.')
    expect(dialog.textContent).toContain(anId(1))
    await user.click(within(dialog).getByRole('button', { name: 'Send again' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(replayWebhookMessage)[0]?.path).toContain(`/messages/${anId(41)}/replay`)
  })

  test('its log is narrowed by state, in the address', async () => {
    answer(aWebhookEndpoint(), [])
    const { user, search } = renderScreen(<WebhooksTab />, detail)
    expect(await screen.findByText('Nothing has been sent yet')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'State' }))
    await user.click(await screen.findByRole('menuitemradio', { name: 'Failed' }))
    expect(await screen.findByText('No delivery is in this state')).toBeTruthy()
    expect(search()).toContain('delivery=failed')
    expect(requestsTo(listWebhookMessages).at(-1)?.query).toMatchObject({ state: 'failed' })
  })
})
