'use client'
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { placeBeside, type Side } from '../lib/place-beside.ts'

const OPEN_MS = 400 // A pointer that only passes by opens nothing.
const CLOSE_MS = 120 // Long enough to move the pointer onto the text (WCAG 1.4.13).

/**
 * The name of what has no visible one, on hover and on keyboard focus. The wrapped control carries the same name for
 * assistive technology, so the text itself is hidden from it.
 */
export function Tooltip(props: {
  text: string
  shortcut?: string | undefined
  side?: Side
  children: ReactNode
}) {
  const anchor = useRef<HTMLSpanElement>(null)
  const [isOpen, setOpen] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const wait = (isNext: boolean, ms: number) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setOpen(isNext), ms)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches the control inside it.
    <span
      ref={anchor}
      className="contents"
      onPointerEnter={(event) => event.pointerType === 'mouse' && wait(true, OPEN_MS)}
      onPointerLeave={() => wait(false, CLOSE_MS)}
      onPointerDown={() => wait(false, 0)}
      onFocus={(event) => event.target.matches(':focus-visible') && wait(true, 0)}
      onBlur={() => wait(false, 0)}
      onKeyDown={(event) => event.key === 'Escape' && wait(false, 0)}
    >
      {props.children}
      {isOpen && anchor.current?.firstElementChild && (
        <Bubble
          beside={anchor.current.firstElementChild}
          side={props.side ?? 'bottom'}
          onEnter={() => clearTimeout(timer.current)}
        >
          {props.text}
          {props.shortcut && <kbd className="ml-2 font-sans opacity-80">{props.shortcut}</kbd>}
        </Bubble>
      )}
    </span>
  )
}

function Bubble(props: { beside: Element; side: Side; onEnter(): void; children: ReactNode }) {
  const bubble = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (!bubble.current) return
    const view = { width: window.innerWidth, height: window.innerHeight }
    const { left, top } = placeBeside(
      props.beside.getBoundingClientRect(),
      bubble.current.getBoundingClientRect(),
      view,
      props.side,
    )
    bubble.current.style.left = `${left}px`
    bubble.current.style.top = `${top}px`
  })
  return createPortal(
    <div
      ref={bubble}
      aria-hidden
      onPointerEnter={props.onEnter}
      className="fixed z-50 max-w-72 animate-appear rounded-control bg-ink px-2 py-1 text-bg text-xs shadow-float"
    >
      {props.children}
    </div>,
    document.body,
  )
}
