import { screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { grantPlatformRole, listPlatformAdmins, revokePlatformRole } from '#contracts/access'
import { aProblem, onCall, requestsTo } from '../../testing/api.ts'
import { anId } from '../../testing/factories.ts'
import { aPlatformAdmin, superAdmin } from '../../testing/office-factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { RolesDesk } from './roles-desk.tsx'

const asSuperAdmin = { me: superAdmin() }
const listed = aPlatformAdmin({
  userId: anId(911),
  name: 'Sue Super',
  email: 'sue@voxcalls.test',
  role: 'super_admin',
  origin: 'allow-list',
  grantedByUserId: null,
  grantedAt: null,
})
const myself = aPlatformAdmin({ userId: anId(900), name: 'Ana Morales', role: 'super_admin' })

test('who stands on the allow-list, and oneself, cannot be revoked; each says why', async () => {
  onCall(listPlatformAdmins, { items: [listed, myself, aPlatformAdmin()] })
  const { user } = renderScreen(<RolesDesk />, asSuperAdmin)
  const named = (name: string) => screen.findByRole('button', { name: new RegExp(name) })
  const fromList = await named('Sue Super')
  expect(fromList.ariaDisabled ?? fromList.getAttribute('aria-disabled')).toBe('true')
  expect(screen.getByText('Comes from the allow-list and is changed there')).toBeTruthy()
  expect(screen.getByText('Nobody takes their own role away')).toBeTruthy()
  await user.click(fromList)
  await user.click(await named('Ana Morales'))
  expect(screen.queryByRole('dialog')).toBeNull()
  expect((await named('Otto Ops')).getAttribute('aria-disabled')).toBeNull()
})

test('a granted role is taken away after a question', async () => {
  onCall(listPlatformAdmins, { items: [aPlatformAdmin()] })
  onCall(revokePlatformRole, new Response(null, { status: 204 }))
  const { user } = renderScreen(<RolesDesk />, asSuperAdmin)
  await user.click(await screen.findByRole('button', { name: /Otto Ops/ }))
  const dialog = within(await screen.findByRole('dialog'))
  await user.click(dialog.getByRole('button', { name: 'Cancel' }))
  expect(requestsTo(revokePlatformRole)).toHaveLength(0)
  await user.click(screen.getByRole('button', { name: /Otto Ops/ }))
  await user.click(
    within(await screen.findByRole('dialog')).getByRole('button', { name: 'Revoke' }),
  )
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  expect(requestsTo(revokePlatformRole)).toHaveLength(1)
})

test('a role is granted by address; an unknown one stays in the dialog', async () => {
  onCall(listPlatformAdmins, { items: [] })
  onCall(grantPlatformRole, () => aProblem(404, 'access.unknown', 'Nobody has signed up so.'))
  const { user } = renderScreen(<RolesDesk />, asSuperAdmin)
  await user.click(await screen.findByRole('button', { name: 'Grant a role' }))
  const dialog = within(await screen.findByRole('dialog'))
  const grant = dialog.getByRole('button', { name: 'Grant' })
  await user.type(dialog.getByLabelText('E-mail address'), 'otto')
  await user.type(dialog.getByLabelText('Reason'), 'Helps with invoices')
  await user.click(grant)
  expect(await dialog.findByText('This is not an e-mail address')).toBeTruthy()
  await user.type(dialog.getByLabelText('E-mail address'), '@voxcalls.test')
  await user.click(grant)
  expect((await dialog.findByRole('alert')).textContent).toContain('Nobody has signed up so.')

  onCall(grantPlatformRole, aPlatformAdmin())
  await user.click(dialog.getByLabelText('Super admin'))
  await user.click(grant)
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  expect(requestsTo(grantPlatformRole).at(-1)?.body).toEqual({
    email: 'otto@voxcalls.test',
    role: 'super_admin',
    reason: 'Helps with invoices',
  })
})
