import { Children, type ReactNode } from 'react'
import { Copy } from './copy.tsx'

/** A list of names and values, one a line. */
export function Facts(props: { children: ReactNode }) {
  if (Children.toArray(props.children).length === 0) return null
  return <dl className="divide-y divide-line">{props.children}</dl>
}

export function Fact(props: { name: string; children?: ReactNode; copies?: string | null }) {
  return (
    <div className="flex min-h-9 items-center gap-3 py-1.5">
      <dt className="w-32 shrink-0 text-soft">{props.name}</dt>
      <dd className="flex min-w-0 grow items-center gap-2">
        <span className="min-w-0 grow break-words">{props.children}</span>
        {props.copies && <Copy text={props.copies} label={props.name} />}
      </dd>
    </div>
  )
}
