import type { ReactNode } from 'react'

/** Fields of a long form that belong together, under their heading. */
export function FormPart(props: { title: string; hint?: string; children: ReactNode }) {
  return (
    <section className="space-y-4">
      <div>
        <h2 className="font-semibold text-base">{props.title}</h2>
        {props.hint && <p className="text-soft">{props.hint}</p>}
      </div>
      {props.children}
    </section>
  )
}
