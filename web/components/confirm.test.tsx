import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { ApiError } from '../lib/api/api-error.ts'
import { renderScreen } from '../testing/screen.tsx'
import { Confirm } from './confirm.tsx'

const question = (over: object = {}) => (
  <Confirm
    isOpen
    onClose={() => undefined}
    title="Archive Northwind?"
    effect="Its people get in no more."
    action="Archive"
    isSending={false}
    onConfirm={() => undefined}
    {...over}
  />
)

test('what is weighty waits for its name to be typed', async () => {
  let confirmed = 0
  const onConfirm = () => {
    confirmed += 1
  }
  const { user } = renderScreen(question({ typedName: 'Northwind', onConfirm }))
  const action = await screen.findByRole('button', { name: 'Archive' })
  const field = screen.getByLabelText('Type Northwind to go on')
  await user.type(field, 'North')
  expect((action as HTMLButtonElement).disabled).toBe(true)
  await user.click(action)
  await user.type(field, 'wind ')
  await user.click(action)
  expect(confirmed).toBe(1)
})

test('while it is sent it cannot be sent again; what failed stays in the question', async () => {
  const failure = new ApiError({ code: 'x.y', status: 409, detail: 'Somebody was faster.' })
  renderScreen(question({ isSending: true, failure }))
  expect((await screen.findByRole('alert')).textContent).toContain('Somebody was faster.')
  const action = screen.getByRole('button', { name: 'Archive' })
  expect((action as HTMLButtonElement).disabled).toBe(true)
})
