'use client'
import { Check } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import { type ComponentProps, type ReactNode, useState } from 'react'
import { classes } from '../lib/classes.ts'

/** The code of an open menu, with what it stands on; `menu.tsx` asks for it when somebody opens one. */

export type MenuItemProps = ComponentProps<typeof Radix.Item>

const itemClass =
  'flex h-8 select-none items-center gap-2 rounded-control px-2 text-sm outline-none data-highlighted:bg-ink/6 data-disabled:opacity-50'

/** Opens as soon as it is there, since it was asked for by a press; later it opens and closes by itself. */
export function MenuBody(props: {
  trigger: ReactNode
  children: ReactNode
  align?: 'start' | 'end' | undefined
  className?: string | undefined
}) {
  const [container] = useState(landmark)
  return (
    <Radix.Root modal={false} defaultOpen>
      <Radix.Trigger asChild>{props.trigger}</Radix.Trigger>
      <Radix.Portal container={container}>
        <Radix.Content
          align={props.align ?? 'start'}
          sideOffset={6}
          collisionPadding={8}
          className={classes(
            'z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 animate-appear overflow-y-auto rounded-card border border-line bg-panel p-1 shadow-float',
            props.className,
          )}
        >
          {props.children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** Where it is found by whoever goes from landmark to landmark; behind an open dialog nothing is found in the page. */
function landmark(): HTMLElement {
  const main = document.querySelector('main')
  return main && !main.closest('[aria-hidden=true]') ? main : document.body
}

export const MenuItem = ({ className, ...rest }: MenuItemProps) => (
  <Radix.Item className={classes(itemClass, className)} {...rest} />
)

export const MenuLine = () => <Radix.Separator className="-mx-1 my-1 h-px bg-line" />

export const MenuLabel = (props: { children: ReactNode }) => (
  <Radix.Label className="px-2 pt-1.5 pb-1 text-soft text-xs">{props.children}</Radix.Label>
)

export type MenuRadiosProps<Value extends string> = {
  value: Value
  options: readonly { value: Value; label: string; icon?: ReactNode }[]
  onChange(value: Value): void
}

export function MenuRadios<Value extends string>(props: MenuRadiosProps<Value>) {
  return (
    <Radix.RadioGroup
      value={props.value}
      onValueChange={(value) => {
        const chosen = props.options.find((option) => option.value === value)
        if (chosen) props.onChange(chosen.value)
      }}
    >
      {props.options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={itemClass}>
          {option.icon}
          <span className="grow">{option.label}</span>
          <Radix.ItemIndicator>
            <Check aria-hidden className="size-4 text-brand" />
          </Radix.ItemIndicator>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  )
}

export type MenuCheckProps = {
  isChecked: boolean
  onChange(isChecked: boolean): void
  children: ReactNode
}

export function MenuCheck(props: MenuCheckProps) {
  return (
    <Radix.CheckboxItem
      checked={props.isChecked}
      onCheckedChange={props.onChange}
      onSelect={(event) => event.preventDefault()}
      className={itemClass}
    >
      <span className="grow">{props.children}</span>
      <Radix.ItemIndicator>
        <Check aria-hidden className="size-4 text-brand" />
      </Radix.ItemIndicator>
    </Radix.CheckboxItem>
  )
}
