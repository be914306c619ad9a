/** What a record holds, as `name value` pairs on a line that may break; nested values as JSON. */
export function JsonView({ data }: { data: Record<string, unknown> }) {
  const entries = Object.entries(data).filter(([, value]) => value !== null && value !== undefined)
  if (entries.length === 0) return null
  return (
    <span className="flex flex-wrap gap-x-3 text-soft text-xs">
      {entries.map(([name, value]) => (
        <span key={name} className="min-w-0 break-all">
          {inWords(name)} <span className="text-ink tabular-nums">{show(value)}</span>
        </span>
      ))}
    </span>
  )
}

/** `fundedSeconds` as "funded seconds". */
const inWords = (name: string): string =>
  name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
