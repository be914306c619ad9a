import { createContext } from 'react'

/** What a menu is drawn with, once it was opened. */
export type MenuParts = typeof import('./menu-parts.tsx')

export const MenuPartsContext = createContext<MenuParts | null>(null)
