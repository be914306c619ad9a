'use client'
import { useTranslations } from 'use-intl'
import { lineDiff, type TextPart } from '../lib/line-diff.ts'

/** A value under its name; a side that has no such thing is undefined. */
export type DiffLine = { name: string; before: unknown; after: unknown }

type Sides = { before: string; after: string }

/** Values that differ: the old one struck above the new, long texts by the lines that changed. */
export function DiffLines(props: {
  lines: readonly DiffLine[]
  /** What the two sides are called where neither is over: none is struck then, and a line above says which is which. */
  sides?: Sides
}) {
  const t = useTranslations('diff')
  const sides = props.sides ?? { before: t('before'), after: t('after') }
  return (
    <>
      {props.sides && <Legend sides={props.sides} />}
      <dl className="divide-y divide-line rounded-card border border-line">
        {props.lines.map((line) => (
          <div key={line.name} className="px-3 py-2">
            <dt className="break-words text-soft text-xs">{line.name || t('value')}</dt>
            {partsOf(line).map((part, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no identity but their place.
              <dd key={place} className="mt-0.5 flex gap-2">
                <Part part={part} sides={sides} isStruck={props.sides === undefined} />
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </>
  )
}

const textClass = 'min-w-0 whitespace-pre-wrap break-words'

function Part(props: { part: TextPart; sides: Sides; isStruck: boolean }) {
  const t = useTranslations('diff')
  const { part, sides, isStruck } = props
  if (part.kind === 'gap')
    return <span className="pl-4 text-soft text-xs">{t('sameLines', { count: part.count })}</span>
  if (part.kind === 'same')
    return <span className={`${textClass} pl-4 text-soft`}>{part.text}</span>
  if (part.kind === 'before') {
    return (
      <>
        <Sign text="−" label={sides.before} className="text-bad" />
        <del
          className={`${textClass} ${isStruck ? 'text-soft decoration-soft/50' : 'no-underline'}`}
        >
          {part.text}
        </del>
      </>
    )
  }
  return (
    <>
      <Sign text="+" label={sides.after} className="text-ok" />
      <ins className={`${textClass} no-underline`}>{part.text}</ins>
    </>
  )
}

/** Each value says its side itself to those who do not see this. */
const Legend = ({ sides }: { sides: Sides }) => (
  <p aria-hidden className="mb-1.5 flex flex-wrap gap-x-4 text-soft text-xs">
    <span>
      <span className="font-medium text-bad">−</span> {sides.before.replace(/:$/, '')}
    </span>
    <span>
      <span className="font-medium text-ok">+</span> {sides.after.replace(/:$/, '')}
    </span>
  </p>
)

const Sign = (props: { text: string; label: string; className: string }) => (
  <span className={`shrink-0 select-none font-medium tabular-nums ${props.className}`}>
    <span aria-hidden>{props.text}</span>
    <span className="sr-only">{props.label}</span>
  </span>
)

function partsOf({ before, after }: DiffLine): TextPart[] {
  if (typeof before === 'string' && typeof after === 'string') return lineDiff(before, after)
  return [
    ...(before === undefined ? [] : [{ kind: 'before' as const, text: inWords(before) }]),
    ...(after === undefined ? [] : [{ kind: 'after' as const, text: inWords(after) }]),
  ]
}

/** A value as text: what is nested stands a line each, indented, without the marks of JSON. */
function inWords(value: unknown, indent = ''): string {
  if (typeof value === 'string') return value.replaceAll('\n', `\n${indent}`)
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return value.map((each) => `${indent}- ${inWords(each, `${indent}  `).trimStart()}`).join('\n')
  }
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value)
  if (entries.length === 0) return '{}'
  return entries
    .map(([name, part]) => {
      const isNested = typeof part === 'object' && part !== null
      const text = inWords(part, `${indent}  `)
      return `${indent}${name}:${isNested ? `\n${text}` : ` ${text}`}`
    })
    .join('\n')
}
