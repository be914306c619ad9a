'use client'
import { Command } from 'cmdk'
import { Check } from 'lucide-react'
import { Popover } from 'radix-ui'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import type { ComboboxProps } from './combobox.tsx'

/** The search and the matching choices below a combobox. */
export function ComboboxList(
  props: ComboboxProps & { trigger: ReactNode; isOpen: boolean; onOpen(isOpen: boolean): void },
) {
  const t = useTranslations('forms')
  return (
    <Popover.Root open={props.isOpen} onOpenChange={props.onOpen}>
      <Popover.Trigger asChild>{props.trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={props.searchLabel}
          className="z-50 w-(--radix-popover-trigger-width) min-w-56 animate-appear rounded-card border border-line bg-panel shadow-float"
        >
          <Command label={props.searchLabel} defaultValue={props.value ?? ''} filter={matches}>
            <Command.Input
              placeholder={props.searchLabel}
              className="h-9 w-full rounded-t-card border-line border-b bg-transparent px-3 text-sm outline-none placeholder:text-soft"
            />
            <Command.List className="max-h-64 overflow-y-auto p-1">
              <Command.Empty className="px-2 py-4 text-center text-soft">
                {t('noMatch')}
              </Command.Empty>
              {props.choices.map((choice) => (
                <Command.Item
                  key={choice.value}
                  value={choice.value}
                  keywords={[choice.label]}
                  onSelect={() => {
                    props.onChange(choice.value)
                    props.onOpen(false)
                  }}
                  className="flex min-h-8 cursor-pointer select-none items-center gap-2 rounded-control px-2 py-1 data-[selected=true]:bg-ink/6"
                >
                  <span className="grow">{choice.label}</span>
                  {choice.hint && <span className="text-soft text-xs">{choice.hint}</span>}
                  {choice.value === props.value && (
                    <Check aria-hidden className="size-4 text-brand" />
                  )}
                </Command.Item>
              ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

/** A choice matches where its name or value holds what was typed; names that begin with it come first. */
function matches(value: string, typed: string, names: string[] = []): number {
  const wanted = typed.trim().toLowerCase()
  const texts = [...names, value].map((text) => text.toLowerCase())
  if (texts.some((text) => text.startsWith(wanted))) return 1
  return texts.some((text) => text.includes(wanted)) ? 0.5 : 0
}
