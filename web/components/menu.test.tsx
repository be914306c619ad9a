import '../testing/dom.ts'
import { screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { renderScreen } from '../testing/screen.tsx'
import { Dialog } from './dialog.tsx'
import { Menu, MenuItem, MenuLabel } from './menu.tsx'

const menuOf = (done: string[]) => (
  <Menu trigger={<button type="button">Actions</button>}>
    <MenuLabel>Of this row</MenuLabel>
    <MenuItem onSelect={() => done.push('renamed')}>Rename</MenuItem>
  </Menu>
)
const button = () => screen.getByRole('button', { name: 'Actions' })

test('a press opens the menu, again and again, and a choice closes it', async () => {
  const done: string[] = []
  const { user } = renderScreen(menuOf(done))
  expect(button().getAttribute('aria-haspopup')).toBe('menu')
  expect(button().getAttribute('aria-expanded')).toBe('false')
  for (let times = 1; times <= 2; times++) {
    await user.click(button())
    await user.click(await screen.findByRole('menuitem', { name: 'Rename' }))
    expect(done).toHaveLength(times)
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
  }
})

test.each(['{Enter}', ' ', '{ArrowDown}'])(
  'by keyboard alone: %s opens it, arrows choose, Escape gives the focus back',
  async (key) => {
    const done: string[] = []
    const { user } = renderScreen(menuOf(done))
    await user.tab()
    expect(document.activeElement).toBe(button())
    await user.keyboard(key)
    const menu = await screen.findByRole('menu', { name: 'Actions' })
    await waitFor(() => expect(menu.contains(document.activeElement)).toBe(true))
    await user.keyboard('{Escape}')
    await waitFor(() => expect(document.activeElement).toBe(button()))
    await user.keyboard(key)
    await screen.findByRole('menu')
    await user.keyboard('{ArrowDown}{Enter}')
    expect(done).toEqual(['renamed'])
  },
)

test('an open menu is found in the landmark of the page', async () => {
  const { user } = renderScreen(<main>{menuOf([])}</main>)
  await user.click(button())
  await within(screen.getByRole('main')).findByRole('menu', { name: 'Actions' })
})

test('a menu of a dialog is not lost in the page that the dialog hides', async () => {
  const { user } = renderScreen(
    <main>
      <Dialog isOpen title="Rename" onClose={() => undefined}>
        {menuOf([])}
      </Dialog>
    </main>,
  )
  await user.click(button())
  await screen.findByRole('menu', { name: 'Actions' })
  expect(screen.queryByRole('main')).toBeNull()
})
