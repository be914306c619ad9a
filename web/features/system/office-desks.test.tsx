import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { listPlatformAdmins } from '#contracts/access'
import { changeSetting, listFlags, listSettings, setFlag } from '#contracts/system'
import { aProblem, onCall, requestsTo } from '../../testing/api.ts'
import { anId } from '../../testing/factories.ts'
import { aPlatformAdmin, aSetting, superAdmin } from '../../testing/office-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { OfficeFlags } from './office-flags.tsx'
import { SettingsDesk } from './settings-desk.tsx'

const asSuperAdmin = { me: superAdmin() }
const otto = aPlatformAdmin()

const version = (over: object = {}) => ({
  value: 90,
  effectiveFrom: '2026-11-01T10:00:00.000Z',
  reason: 'Slow lines',
  actorId: otto.userId,
  createdAt: '2026-11-01T10:00:00.000Z',
  ...over,
})

describe('settings', () => {
  test('show value, bounds, what is to come, and who changed what and why', async () => {
    onCall(listPlatformAdmins, { items: [otto] })
    const versions = [version({ value: 120, effectiveFrom: '2100-01-01T00:00:00.000Z' }), version()]
    onCall(listSettings, { items: [aSetting({ value: 90, versions })] })
    const { user } = renderScreen(<SettingsDesk />, asSuperAdmin)
    const card = within(await screen.findByRole('region', { name: 'Length of a slice' }))
    expect(card.getByText('From 10 to 600, usually 60')).toBeTruthy()
    expect(card.getByText(/^120 from .*2100.* on$/)).toBeTruthy()
    await user.click(card.getByText('History (2)'))
    expect(await card.findAllByText(/^Otto Ops, /)).toHaveLength(2)
    expect(card.getAllByText('Slow lines')).toHaveLength(2)
  })

  test('a setting the console has no words for is shown under its key', async () => {
    onCall(listPlatformAdmins, { items: [] })
    onCall(listSettings, { items: [aSetting({ key: 'brand_new_limit' })] })
    renderScreen(<SettingsDesk />, asSuperAdmin)
    expect(await screen.findByRole('heading', { name: 'brand_new_limit' })).toBeTruthy()
  })

  test('a value outside its bounds is not sent; one inside is, with its reason', async () => {
    onCall(listPlatformAdmins, { items: [] })
    onCall(listSettings, { items: [aSetting()] })
    onCall(changeSetting, aSetting({ value: 90 }))
    const { user } = renderScreen(<SettingsDesk />, asSuperAdmin)
    await user.click(await screen.findByRole('button', { name: 'Change: Length of a slice' }))
    const dialog = within(await screen.findByRole('dialog'))
    const value = dialog.getByLabelText('Value in seconds')
    await user.clear(value)
    await user.type(value, '601')
    await user.type(dialog.getByLabelText('Reason'), 'Slow lines')
    await user.click(dialog.getByRole('button', { name: 'Change' }))
    expect(await dialog.findByText('At most 600')).toBeTruthy()
    expect(requestsTo(changeSetting)).toHaveLength(0)

    await user.clear(value)
    await user.type(value, '90')
    await user.click(dialog.getByRole('button', { name: 'Change' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(changeSetting)[0]).toMatchObject({
      path: '/v1/platform/settings/slice_seconds',
      body: { value: 90, reason: 'Slow lines' },
    })
  })

  test('what the server has against a field stands under that field', async () => {
    onCall(listPlatformAdmins, { items: [] })
    onCall(listSettings, { items: [aSetting()] })
    onCall(changeSetting, () => aProblem(422, 'system.invalid_setting', 'Not with this slice.'))
    const { user } = renderScreen(<SettingsDesk />, asSuperAdmin)
    await user.click(await screen.findByRole('button', { name: 'Change: Length of a slice' }))
    const dialog = within(await screen.findByRole('dialog'))
    await user.type(dialog.getByLabelText('Reason'), 'Slow lines')
    await user.click(dialog.getByRole('button', { name: 'Change' }))
    expect((await dialog.findByRole('alert')).textContent).toContain('Not with this slice.')
  })

  test('a failure offers another try', async () => {
    onCall(listSettings, () => aProblem(500, 'internal'))
    renderScreen(<SettingsDesk />, asSuperAdmin)
    expect((await screen.findByRole('alert')).textContent).toContain('could not be loaded')
  })
})

describe('features of an organization', () => {
  const flags = [
    { flag: 'analysis', enabled: true, reason: null, actorId: null, changedAt: null },
    {
      flag: 'webhooks',
      enabled: false,
      reason: 'Abuse',
      actorId: otto.userId,
      changedAt: '2026-11-01T10:00:00.000Z',
    },
  ]

  test('say who switched them and why, and are switched for a reason only', async () => {
    onCall(listPlatformAdmins, { items: [otto] })
    onCall(listFlags, { items: flags })
    onCall(setFlag, { ...flags[0], enabled: false })
    const { user } = renderScreen(<OfficeFlags organizationId={anId(1)} />, asSuperAdmin)
    expect(await screen.findByText('Abuse')).toBeTruthy()
    expect(await screen.findByText(/^Otto Ops, /)).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Switch off: Analysis' }))
    const dialog = within(await screen.findByRole('dialog'))
    await user.click(dialog.getByRole('button', { name: 'Switch off' }))
    expect(await dialog.findByText('Fill this in')).toBeTruthy()
    await user.type(dialog.getByLabelText('Reason'), 'Too costly')
    await user.click(dialog.getByRole('button', { name: 'Switch off' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(requestsTo(setFlag)[0]?.body).toEqual({
      flag: 'analysis',
      enabled: false,
      reason: 'Too costly',
    })
  })
})
