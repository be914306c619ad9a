'use client'
import {
  type ButtonHTMLAttributes,
  cloneElement,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  useContext,
  useState,
} from 'react'
import { type MenuParts, MenuPartsContext } from './menu-context.ts'
import type { MenuCheckProps, MenuItemProps, MenuRadiosProps } from './menu-parts.tsx'

const load = () => import('./menu-parts.tsx')

/**
 * A button that opens a menu. To draw it takes nothing else: the menu's code comes when somebody points at the button
 * or reaches it by keyboard, and the button itself stays in its place, with its focus, until the menu is there.
 */
export function Menu(props: {
  trigger: ReactElement<ButtonHTMLAttributes<HTMLButtonElement>>
  children: ReactNode
  align?: 'start' | 'end'
  className?: string
}) {
  const [parts, setParts] = useState<MenuParts>()
  const [failure, setFailure] = useState<unknown>()
  if (failure !== undefined) throw failure
  if (parts) {
    return (
      <MenuPartsContext value={parts}>
        <parts.MenuBody {...props} />
      </MenuPartsContext>
    )
  }
  const open = () => void load().then(setParts, setFailure)
  // A code that could not be had early is asked for again by the press, which then says so.
  const prepare = () => void load().catch(() => 'later')
  return cloneElement(props.trigger, {
    'aria-haspopup': 'menu',
    'aria-expanded': false,
    onPointerEnter: prepare,
    onFocus: prepare,
    onClick: open,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'ArrowDown') return
      event.preventDefault()
      open()
    },
  })
}

export function MenuItem(props: MenuItemProps) {
  const { MenuItem: Part } = useParts()
  return <Part {...props} />
}

export function MenuLine() {
  const { MenuLine: Part } = useParts()
  return <Part />
}

export function MenuLabel(props: { children: ReactNode }) {
  const { MenuLabel: Part } = useParts()
  return <Part {...props} />
}

export function MenuRadios<Value extends string>(props: MenuRadiosProps<Value>) {
  const { MenuRadios: Part } = useParts()
  return <Part {...props} />
}

export function MenuCheck(props: MenuCheckProps) {
  const { MenuCheck: Part } = useParts()
  return <Part {...props} />
}

/** The parts of a menu stand in a menu only, which is drawn when they are there. */
function useParts(): MenuParts {
  const parts = useContext(MenuPartsContext)
  if (!parts) throw new Error('a part of a menu was drawn outside of one')
  return parts
}
