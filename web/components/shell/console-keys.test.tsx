import '../../testing/dom.ts'
import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { useShortcuts } from '../../lib/use-shortcuts.ts'
import { aMember } from '../../testing/factories.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { ConsoleKeys } from './console-keys.tsx'

/** A screen with an L of its own, as the player has. */
function ScreenWithL({ onL }: { onL(): void }) {
  useShortcuts({ l: onL })
  return <input aria-label="field" />
}

const both = (pressed: string[]) => (
  <>
    <ScreenWithL onL={() => pressed.push('l')} />
    <ConsoleKeys isHelpOpen={false} onHelp={() => pressed.push('?')} />
  </>
)

test('a letter belongs to the screen, and to the console right after G', async () => {
  const pressed: string[] = []
  const { user, visited } = renderScreen(both(pressed))
  await user.keyboard('l')
  expect(pressed).toEqual(['l'])
  await user.keyboard('gl')
  expect(visited).toEqual(['/live'])
  expect(pressed).toEqual(['l'])
})

test('nobody is taken where they may not go', async () => {
  const { user, visited } = renderScreen(both([]), { me: aMember('sales_person') })
  await user.keyboard('glgc')
  expect(visited).toEqual(['/calls'])
})

test('typing in a field is typing', async () => {
  const pressed: string[] = []
  const { user, visited } = renderScreen(both(pressed))
  await user.type(screen.getByRole('textbox', { name: 'field' }), 'gl?')
  expect({ pressed, visited }).toEqual({ pressed: [], visited: [] })
})
