'use client'
import { Tabs as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { classes } from '../lib/classes.ts'

export type Tab<Value extends string> = { value: Value; label: string; content: ReactNode }

export function Tabs<Value extends string>(props: {
  label: string
  tabs: readonly Tab<Value>[]
  value: Value
  onChange(value: Value): void
  className?: string
  /** Room beside the tabs where the contents run to the edges. */
  listClassName?: string
}) {
  return (
    <Radix.Root
      value={props.value}
      onValueChange={(value) => {
        const chosen = props.tabs.find((tab) => tab.value === value)
        if (chosen) props.onChange(chosen.value)
      }}
      className={classes('flex min-h-0 flex-col', props.className)}
    >
      <Radix.List
        aria-label={props.label}
        className={classes(
          'flex shrink-0 gap-4 overflow-x-auto border-line border-b',
          props.listClassName,
        )}
      >
        {props.tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="-mb-px h-10 whitespace-nowrap border-transparent border-b-2 font-medium text-soft hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:border-brand data-[state=active]:text-ink"
          >
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {props.tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className="min-h-0 pt-4">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  )
}
