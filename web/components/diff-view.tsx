'use client'
import { useTranslations } from 'use-intl'

type Line = { name: string; before: unknown; after: unknown }

/** What a record held before and holds now: a line for each value that is new, gone or different. */
export function DiffView(props: { before: unknown; after: unknown; className?: string }) {
  const t = useTranslations('diff')
  const lines = differences(props.before, props.after)
  if (lines.length === 0) return <p className="text-soft">{t('nothing')}</p>
  return (
    <div className={props.className}>
      <dl className="divide-y divide-line rounded-card border border-line">
        {lines.map((line) => (
          <div key={line.name} className="px-3 py-2">
            <dt className="break-words text-soft text-xs">{line.name || t('value')}</dt>
            {line.before !== undefined && (
              <dd className="mt-0.5 flex gap-2">
                <Sign text="−" label={t('before')} className="text-bad" />
                <del className="min-w-0 break-words text-soft decoration-soft/50">
                  {show(line.before)}
                </del>
              </dd>
            )}
            {line.after !== undefined && (
              <dd className="mt-0.5 flex gap-2">
                <Sign text="+" label={t('after')} className="text-ok" />
                <ins className="min-w-0 break-words no-underline">{show(line.after)}</ins>
              </dd>
            )}
          </div>
        ))}
      </dl>
    </div>
  )
}

const Sign = (props: { text: string; label: string; className: string }) => (
  <span className={`shrink-0 select-none font-medium tabular-nums ${props.className}`}>
    <span aria-hidden>{props.text}</span>
    <span className="sr-only">{props.label}</span>
  </span>
)

/** The values that differ, by their path; what is equal on both sides is left out. */
export function differences(before: unknown, after: unknown): Line[] {
  const [old, now] = [flatten(before), flatten(after)]
  const names = [...new Set([...old.keys(), ...now.keys()])]
  return names
    .map((name) => ({ name, before: old.get(name), after: now.get(name) }))
    .filter((line) => JSON.stringify(line.before) !== JSON.stringify(line.after))
}

/** `{ a: { b: 1 } }` as `a.b → 1`; lists stay whole, since their places mean little. */
function flatten(value: unknown, path = ''): Map<string, unknown> {
  if (value === null || value === undefined) return new Map()
  if (typeof value !== 'object' || Array.isArray(value)) return new Map([[path, value]])
  return new Map(
    Object.entries(value).flatMap(([name, part]) => [
      ...flatten(part, path === '' ? name : `${path}.${name}`),
    ]),
  )
}

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
