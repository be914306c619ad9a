'use client'
import { Search, X } from 'lucide-react'
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { classes } from '../lib/classes.ts'

const TYPING_PAUSE_MS = 350 // People pause longer than this when they have finished a word.

type SearchFieldProps = {
  label: string
  value: string
  onChange(value: string): void
  /** 0 tells at each key; a list asked from the server waits for a pause. */
  pauseMs?: number
  onKeyDown?(event: KeyboardEvent<HTMLInputElement>): void
  inputRef?: RefObject<HTMLInputElement | null>
  className?: string
}

export function SearchField(props: SearchFieldProps) {
  const t = useTranslations('common')
  const { onChange, value, pauseMs = TYPING_PAUSE_MS } = props
  const [typed, setTyped] = useState(value)

  const told = useRef(value)
  const tell = (text: string) => {
    told.current = text
    onChange(text)
  }

  // Only a value from elsewhere (a cleared filter, Back) replaces what is being typed, not the echo of our own.
  useEffect(() => {
    if (value === told.current) return
    told.current = value
    setTyped(value)
  }, [value])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a parent that draws again must not restart the pause.
  useEffect(() => {
    if (typed === told.current) return
    const timer = setTimeout(() => tell(typed), pauseMs)
    return () => clearTimeout(timer)
  }, [typed, pauseMs])

  return (
    <div className={classes('relative', props.className)}>
      <Search
        aria-hidden
        className="pointer-events-none absolute top-2 left-2.5 size-4 text-soft"
      />
      <input
        ref={props.inputRef}
        type="search"
        aria-label={props.label}
        placeholder={props.label}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') tell(typed)
          props.onKeyDown?.(event)
        }}
        className="h-8 w-full rounded-control border border-edge bg-panel pr-8 pl-8 text-sm placeholder:text-soft [&::-webkit-search-cancel-button]:hidden"
      />
      {typed !== '' && (
        <button
          type="button"
          aria-label={t('clearThing', { thing: props.label })}
          onClick={() => {
            setTyped('')
            tell('')
          }}
          className="absolute top-1 right-1 inline-flex size-6 items-center justify-center rounded-control text-soft hover:bg-ink/6 hover:text-ink"
        >
          <X aria-hidden className="size-3.5" />
        </button>
      )}
    </div>
  )
}
