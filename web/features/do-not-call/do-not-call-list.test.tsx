import { screen, waitFor, within } from '@testing-library/react'
import { beforeAll, expect, test } from 'vitest'
import {
  addDoNotCallNumbers,
  listDoNotCallNumbers,
  removeDoNotCallNumber,
} from '#contracts/do-not-call'
import { aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { anId, aPage } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { linesOf } from './add-numbers.tsx'
import { DoNotCallList } from './do-not-call-list.tsx'

// What is loaded when it is needed takes seconds to be compiled here the first time.
beforeAll(() => import('./add-numbers.tsx'))

const aNumber = {
  id: anId(1),
  number: '+12125550123',
  note: 'asked in May',
  createdAt: '2026-05-02T10:00:00.000Z',
}

test('numbers are listed with their notes, and let go after a question', async () => {
  onCall(listDoNotCallNumbers, aPage([aNumber]))
  onCall(removeDoNotCallNumber, () => new Response(null, { status: 204 }))
  const { user } = renderScreen(<DoNotCallList />)
  expect((await screen.findByRole('listitem')).textContent).toContain('(212) 555-0123')
  expect(screen.getByText('asked in May')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Remove (212) 555-0123' }))
  const dialog = await screen.findByRole('dialog', { name: /be called again\?/ })
  expect(requestsTo(removeDoNotCallNumber)).toHaveLength(0)
  await user.click(within(dialog).getByRole('button', { name: 'Remove' }))
  await waitFor(() => expect(requestsTo(removeDoNotCallNumber)).toHaveLength(1))
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
})

test('what is no number stays in the field to be put right', async () => {
  onCall(listDoNotCallNumbers, aPage([]))
  onCall(addDoNotCallNumbers, { added: 1, alreadyThere: 0, invalid: ['030 12'] })
  const { user } = renderScreen(<DoNotCallList />)
  await user.click(await screen.findByRole('button', { name: 'Add numbers' }))
  const dialog = await screen.findByRole('dialog', { name: 'Add numbers' })
  const field = within(dialog).getByLabelText(/^Numbers/) as HTMLTextAreaElement
  await user.click(field)
  await user.paste('+12125550123\n030 12')
  await user.click(within(dialog).getByRole('button', { name: 'Add' }))
  expect((await within(dialog).findByRole('alert')).textContent).toContain('030 12')
  expect(field.value).toBe('030 12')
  expect(requestsTo(addDoNotCallNumbers)[0]?.body).toEqual({
    numbers: ['+12125550123', '030 12'],
    note: '',
  })
})

test('loading, failing, none and none that match are told apart', async () => {
  onCall(listDoNotCallNumbers, never)
  const loading = renderScreen(<DoNotCallList />)
  expect(await screen.findByRole('status', { name: 'Loading numbers' })).toBeTruthy()
  loading.unmount()
  onCall(listDoNotCallNumbers, () => aProblem(403, 'request.forbidden', 'Not for this role.'))
  const failing = renderScreen(<DoNotCallList />)
  expect((await screen.findByRole('alert')).textContent).toContain('Not for this role.')
  failing.unmount()
  onCall(listDoNotCallNumbers, aPage([]))
  const { user } = renderScreen(<DoNotCallList />, { search: '?number=99' })
  expect(await screen.findByText('No number has these digits')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Clear search' }))
  expect(await screen.findByText('No numbers yet')).toBeTruthy()
})

test('pasted lists are taken by line, comma and semicolon', () => {
  expect(linesOf('+1 212 555 0123\n\n +49 30 1 ; +33 1, +44 2\r\n')).toEqual([
    '+1 212 555 0123',
    '+49 30 1',
    '+33 1',
    '+44 2',
  ])
})
