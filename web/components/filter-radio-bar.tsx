import { classes } from '../lib/classes.ts'

/** Two or three ways to see the same, side by side; one is always chosen. */
export const FilterRadioBar = <Value extends string>(props: {
  label: string
  value: Value
  options: readonly { value: Value; label: string }[]
  onChange(value: Value): void
}) => (
  <fieldset
    aria-label={props.label}
    className="flex h-8 rounded-control border border-line bg-panel p-0.5"
  >
    {props.options.map(({ value, label }) => (
      <button
        key={value}
        type="button"
        aria-pressed={value === props.value}
        onClick={() => props.onChange(value)}
        className={classes(
          'rounded-[4px] px-2.5 text-sm',
          value === props.value ? 'bg-ink/8 font-medium' : 'text-soft hover:text-ink',
        )}
      >
        {label}
      </button>
    ))}
  </fieldset>
)
