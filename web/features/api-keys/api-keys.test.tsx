import { screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { createApiKey, listApiKeys, revokeApiKey } from '#contracts/api-keys'
import { onCall, requestsTo } from '../../testing/api.ts'
import { aMe, anId, aPage } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { anApiKey } from '../../testing/team-factories.ts'
import { ApiKeysTab } from './api-keys-tab.tsx'

test('keys are shown by their last letters, with their state and use', async () => {
  onCall(
    listApiKeys,
    aPage([
      anApiKey(),
      anApiKey({ id: anId(31), name: 'Old', expiresAt: '2026-01-01T00:00:00.000Z' }),
      anApiKey({ id: anId(32), name: 'Gone', revokedAt: '2026-11-20T16:00:00.000Z' }),
    ]),
  )
  renderScreen(<ApiKeysTab />)
  const table = await screen.findByRole('table', { name: 'API keys, newest first' })
  const [first, second, third] = within(table).getAllByRole('row').slice(1)
  expect(first?.textContent).toContain('vox_…x7Qa')
  expect(first?.textContent).toContain('2 rights')
  expect(second?.textContent).toContain('Expired')
  expect(third?.textContent).toContain('Revoked')
  expect(within(third as HTMLElement).queryByRole('button')).toBeNull()
})

test('a new key is asked for with its rights, and its secret is shown once', async () => {
  onCall(listApiKeys, aPage([]))
  onCall(createApiKey, { ...anApiKey(), secret: 'vox_k_secret' })
  const { user } = renderScreen(<ApiKeysTab />)
  await user.click(await screen.findByRole('button', { name: 'Create key' }))
  const dialog = await screen.findByRole('dialog', { name: 'Create an API key' })
  await user.type(within(dialog).getByLabelText('Name'), 'Reporting')
  await user.click(within(dialog).getByRole('button', { name: 'Create key' }))
  expect(await within(dialog).findByText('Choose at least one')).toBeTruthy()
  expect(requestsTo(createApiKey)).toHaveLength(0)
  await user.click(within(dialog).getByRole('checkbox', { name: 'Listen in' }))
  await user.selectOptions(within(dialog).getByLabelText('Good for'), 'Without end')
  await user.click(within(dialog).getByRole('button', { name: 'Create key' }))
  expect(await screen.findByText('vox_k_secret')).toBeTruthy()
  expect(requestsTo(createApiKey)[0]?.body).toEqual({
    name: 'Reporting',
    permissions: ['calls.listen'],
    expiresAt: null,
  })
  await user.click(screen.getByRole('button', { name: 'I have kept it' }))
  expect(screen.queryByText('vox_k_secret')).toBeNull()
})

test('only what is for programs can be chosen', async () => {
  onCall(listApiKeys, aPage([]))
  const { user } = renderScreen(<ApiKeysTab />)
  await user.click(await screen.findByRole('button', { name: 'Create key' }))
  const dialog = await screen.findByRole('dialog')
  const members = within(dialog).getByText('Members').parentElement as HTMLElement
  const names = within(members)
    .getAllByRole('checkbox')
    .map((box) => box.closest('span')?.parentElement?.textContent)
  expect(names.sort()).toEqual(['Invite', 'Read'])
})

test('a key is revoked after a question that says it is for good', async () => {
  onCall(listApiKeys, aPage([anApiKey()]))
  onCall(revokeApiKey, anApiKey({ revokedAt: '2026-11-20T16:00:00.000Z' }))
  const { user } = renderScreen(<ApiKeysTab />)
  await user.click(await screen.findByRole('button', { name: 'Revoke Reporting' }))
  const dialog = await screen.findByRole('dialog', { name: 'Revoke Reporting?' })
  expect(dialog.textContent).toContain('cannot be undone')
  await user.click(within(dialog).getByRole('button', { name: 'Revoke' }))
  await waitFor(() => expect(requestsTo(revokeApiKey)).toHaveLength(1))
  expect(requestsTo(revokeApiKey)[0]?.path).toBe(`/v1/api-keys/${anId(30)}/revoke`)
})

test('where the feature is off nothing is asked', () => {
  const me = aMe()
  renderScreen(<ApiKeysTab />, {
    me: aMe({ membership: me.membership && { ...me.membership, featuresOff: ['api_keys'] } }),
  })
  expect(screen.getByText(/switched off for your organization/)).toBeTruthy()
  expect(requestsTo(listApiKeys)).toHaveLength(0)
})
