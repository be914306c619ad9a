'use client'
import type { ReactNode } from 'react'
import type { FilterMenuProps } from './filter-menu.tsx'
import { Menu, MenuRadios } from './menu.tsx'

const ANY = 'any'

/** A filter's choices; the first one is "any". */
export function FilterRadios(props: FilterMenuProps<string> & { trigger: ReactNode }) {
  return (
    <Menu trigger={props.trigger}>
      <MenuRadios
        value={props.value ?? ANY}
        options={[{ value: ANY, label: props.anyLabel }, ...props.options]}
        onChange={(value) => props.onChange(value === ANY ? null : value)}
      />
    </Menu>
  )
}
