import type { ReactNode } from 'react'

/** A whole screen that says one thing: not found, not allowed, no organization. */
export function ScreenMessage(props: {
  title: string
  children?: ReactNode
  action?: ReactNode
  note?: ReactNode
}) {
  return (
    <div className="mx-auto flex w-full max-w-lg flex-col items-start px-4 py-16 md:py-24">
      <h1 className="font-semibold text-lg">{props.title}</h1>
      {props.children && <div className="mt-2 space-y-2 text-soft">{props.children}</div>}
      {props.action && <div className="mt-5 flex flex-wrap gap-2">{props.action}</div>}
      {props.note && <div className="mt-6 text-soft text-xs">{props.note}</div>}
    </div>
  )
}
