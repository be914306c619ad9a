'use client'
import { ChevronDown } from 'lucide-react'
import { type ComponentProps, lazy, Suspense } from 'react'

const FilterRadios = lazy(() =>
  import('./filter-radios.tsx').then((file) => ({ default: file.FilterRadios })),
)

export type FilterMenuProps<Value extends string> = {
  label: string
  anyLabel: string
  value: Value | null
  options: readonly { value: Value; label: string }[]
  onChange(value: Value | null): void
}

/** One filter as a button that shows its value; the choices come right after the screen. */
export function FilterMenu<Value extends string>(props: FilterMenuProps<Value>) {
  const { label, options, value } = props
  const chosen = options.find((option) => option.value === value)?.label
  const choose = (text: string | null) =>
    props.onChange(options.find((option) => option.value === text)?.value ?? null)
  const button = <FilterButton label={label} chosen={chosen} />
  return (
    <Suspense fallback={button}>
      <FilterRadios {...props} onChange={choose} trigger={button} />
    </Suspense>
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
