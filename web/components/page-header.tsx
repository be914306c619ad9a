import type { ReactNode } from 'react'

export const PageHeader = (props: { title: ReactNode; note?: ReactNode; actions?: ReactNode }) => (
  <div className="flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-2">
    <div className="flex min-w-0 flex-wrap items-baseline gap-x-3">
      <h1 className="font-semibold text-lg">{props.title}</h1>
      {props.note && <span className="text-soft">{props.note}</span>}
    </div>
    {props.actions && <div className="flex items-center gap-2">{props.actions}</div>}
  </div>
)
