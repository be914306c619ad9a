'use client'
import { Tooltip as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

const DELAY_MS = 400 // A pointer that only passes by opens nothing.

export const TooltipProvider = (props: { children: ReactNode }) => (
  <Radix.Provider delayDuration={DELAY_MS}>{props.children}</Radix.Provider>
)

export function Tooltip(props: {
  text: string
  shortcut?: string | undefined
  side?: 'top' | 'right' | 'bottom'
  children: ReactNode
}) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{props.children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={props.side ?? 'bottom'}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-72 animate-appear rounded-control bg-ink px-2 py-1 text-bg text-xs shadow-float"
        >
          {props.text}
          {props.shortcut && <kbd className="ml-2 font-sans opacity-80">{props.shortcut}</kbd>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
