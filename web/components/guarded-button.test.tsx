import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { renderScreen } from '../testing/screen.tsx'
import { GuardedButton } from './guarded-button.tsx'

test('a button that is refused keeps its focus, says why and does nothing', async () => {
  const pressed: string[] = []
  const button = (refusal: string | null) => (
    <GuardedButton refusal={refusal} onClick={() => pressed.push('pressed')}>
      Invite
    </GuardedButton>
  )
  const refused = renderScreen(button('The organization is paused.'))
  await refused.user.tab()
  const stuck = screen.getByRole('button', { name: 'Invite' })
  expect(document.activeElement).toBe(stuck)
  expect(document.getElementById(stuck.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
    'The organization is paused.',
  )
  await refused.user.click(stuck)
  await refused.user.keyboard('{Enter}')
  expect(pressed).toEqual([])
  refused.unmount()

  const free = renderScreen(button(null))
  await free.user.click(screen.getByRole('button', { name: 'Invite' }))
  expect(pressed).toEqual(['pressed'])
})
