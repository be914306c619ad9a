'use client'
import { ChevronDown } from 'lucide-react'
import { Menu, MenuRadios } from './menu.tsx'

const ANY = 'any'

/** One filter as a button that shows its value; the first choice is "any". */
export function FilterMenu<Value extends string>(props: {
  label: string
  anyLabel: string
  value: Value | null
  options: readonly { value: Value; label: string }[]
  onChange(value: Value | null): void
}) {
  const chosen = props.options.find((option) => option.value === props.value)
  return (
    <Menu
      trigger={
        <button
          type="button"
          className="inline-flex h-8 items-center gap-1.5 rounded-control border border-line bg-panel px-2.5 text-sm hover:bg-ink/4 data-[state=open]:bg-ink/6"
        >
          <span className="text-soft">{props.label}</span>
          {chosen && <span className="font-medium">{chosen.label}</span>}
          <ChevronDown aria-hidden className="size-3.5 text-soft" />
        </button>
      }
    >
      <MenuRadios<Value | typeof ANY>
        value={props.value ?? ANY}
        options={[{ value: ANY, label: props.anyLabel }, ...props.options]}
        onChange={(value) => props.onChange(value === ANY ? null : value)}
      />
    </Menu>
  )
}
