'use client'
import { useTranslations } from 'use-intl'
import { lineDiff } from '../lib/line-diff.ts'

/** A value under its name; a side that has no such thing is undefined. */
export type DiffLine = { name: string; before: unknown; after: unknown }

/** Values that differ: the old one struck above the new, long texts by the lines that changed. */
export function DiffLines(props: {
  lines: readonly DiffLine[]
  /** What the two sides are called, where they are not before and after. */
  sides?: { before: string; after: string }
}) {
  const t = useTranslations('diff')
  const { before, after } = props.sides ?? { before: t('before'), after: t('after') }
  return (
    <dl className="divide-y divide-line rounded-card border border-line">
      {props.lines.map((line) => (
        <div key={line.name} className="px-3 py-2">
          <dt className="break-words text-soft text-xs">{line.name || t('value')}</dt>
          {partsOf(line).map((part, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no identity but their place.
            <dd key={place} className="mt-0.5 flex gap-2">
              {part.kind === 'before' && (
                <>
                  <Sign text="−" label={before} className="text-bad" />
                  <del className="min-w-0 whitespace-pre-wrap break-words text-soft decoration-soft/50">
                    {part.text}
                  </del>
                </>
              )}
              {part.kind === 'after' && (
                <>
                  <Sign text="+" label={after} className="text-ok" />
                  <ins className="min-w-0 whitespace-pre-wrap break-words no-underline">
                    {part.text}
                  </ins>
                </>
              )}
              {part.kind === 'same' && (
                <span className="min-w-0 whitespace-pre-wrap break-words pl-4 text-soft">
                  {part.text}
                </span>
              )}
              {part.kind === 'gap' && (
                <span className="pl-4 text-soft text-xs">
                  {t('sameLines', { count: part.count })}
                </span>
              )}
            </dd>
          ))}
        </div>
      ))}
    </dl>
  )
}

const Sign = (props: { text: string; label: string; className: string }) => (
  <span className={`shrink-0 select-none font-medium tabular-nums ${props.className}`}>
    <span aria-hidden>{props.text}</span>
    <span className="sr-only">{props.label}</span>
  </span>
)

function partsOf({ before, after }: DiffLine) {
  if (typeof before === 'string' && typeof after === 'string') return lineDiff(before, after)
  return [
    ...(before === undefined ? [] : [{ kind: 'before' as const, text: show(before) }]),
    ...(after === undefined ? [] : [{ kind: 'after' as const, text: show(after) }]),
  ]
}

const show = (value: unknown): string => {
  if (typeof value === 'string') return value
  // A list of plain values reads best a line each.
  if (Array.isArray(value) && value.every((each) => typeof each === 'string'))
    return value.join('\n') || '[]'
  return JSON.stringify(value)
}
