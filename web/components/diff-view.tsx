'use client'
import { useTranslations } from 'use-intl'
import { type DiffLine, DiffLines } from './diff-lines.tsx'

/** What a record held before and holds now: a line for each value that is new, gone or different. */
export function DiffView(props: { before: unknown; after: unknown; className?: string }) {
  const t = useTranslations('diff')
  const lines = differences(props.before, props.after)
  if (lines.length === 0) return <p className="text-soft">{t('nothing')}</p>
  return (
    <div className={props.className}>
      <DiffLines lines={lines} />
    </div>
  )
}

/** The values that differ, by their path; what is equal on both sides is left out. */
export function differences(before: unknown, after: unknown): DiffLine[] {
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
