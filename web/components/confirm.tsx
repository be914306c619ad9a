'use client'
import { lazy, type ReactNode, Suspense } from 'react'

export type ConfirmProps = {
  isOpen: boolean
  onClose(): void
  title: string
  effect: string
  action: string
  isSending: boolean
  onConfirm(): void
  /** What must be typed before: the name of what is about to go. */
  typedName?: string
  /** Why it did not work; the question stays open. */
  failure?: unknown
  children?: ReactNode
}

// Dialogs are not needed to draw a screen; their code comes with the first question.
const Question = lazy(() =>
  import('./confirm-question.tsx').then((file) => ({ default: file.Question })),
)

/** Asks before something that cannot be undone; says the object and the effect, and stays open while it happens. */
export function Confirm(props: ConfirmProps) {
  if (!props.isOpen) return null
  return (
    <Suspense fallback={null}>
      <Question {...props} />
    </Suspense>
  )
}
