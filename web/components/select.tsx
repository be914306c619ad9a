import { ChevronDown } from 'lucide-react'
import type { ComponentProps } from 'react'
import { classes } from '../lib/classes.ts'
import { controlClass } from './input.tsx'

/** The browser's own list of choices: it opens everywhere, and letters find an entry. */
export const Select = ({
  options,
  className,
  ...rest
}: ComponentProps<'select'> & { options: readonly { value: string; label: string }[] }) => (
  <span className={classes('relative inline-flex', className ?? 'w-full')}>
    <select className={classes('h-8 appearance-none pr-8 pl-2.5', controlClass)} {...rest}>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
    <ChevronDown
      aria-hidden
      className="pointer-events-none absolute top-2.5 right-2.5 size-3.5 text-soft"
    />
  </span>
)
