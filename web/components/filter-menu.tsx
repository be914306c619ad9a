'use client'
import { ChevronDown } from 'lucide-react'
import type { ComponentProps } from 'react'
import { Menu, MenuRadios } from './menu.tsx'

const ANY = 'any'

type FilterMenuProps<Value extends string> = {
  label: string
  anyLabel: string
  value: Value | null
  options: readonly { value: Value; label: string }[]
  onChange(value: Value | null): void
}

/** One filter as a button that shows its value; the first of its choices is "any". */
export function FilterMenu<Value extends string>(props: FilterMenuProps<Value>) {
  const { label, options, value } = props
  const chosen = options.find((option) => option.value === value)?.label
  return (
    <Menu trigger={<FilterButton label={label} chosen={chosen} />}>
      <MenuRadios<Value | typeof ANY>
        value={value ?? ANY}
        options={[{ value: ANY, label: props.anyLabel }, ...options]}
        onChange={(next) => props.onChange(next === ANY ? null : next)}
      />
    </Menu>
  )
}

function FilterButton({
  label,
  chosen,
  ...rest
}: ComponentProps<'button'> & { label: string; chosen: string | undefined }) {
  return (
    <button
      type="button"
      className="inline-flex h-8 items-center gap-1.5 rounded-control border border-line bg-panel px-2.5 text-sm hover:bg-ink/4 data-[state=open]:bg-ink/6"
      {...rest}
    >
      <span className="text-soft">{label}</span>
      {chosen && <span className="font-medium">{chosen}</span>}
      <ChevronDown aria-hidden className="size-3.5 text-soft" />
    </button>
  )
}
