'use client'
import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { classes } from '../lib/classes.ts'

type DialogProps = {
  isOpen: boolean
  onClose(): void
  title: string
  hint?: string
  children?: ReactNode
  /** Buttons, the safe one first. */
  actions?: ReactNode
  /** For longer forms and for what is read in lines. */
  isWide?: boolean
}

// As high as its dialog: what a dialog asks in another one covers the first.
const overlayClass = 'fixed inset-0 z-50 animate-appear bg-black/40'

export function Dialog(props: DialogProps) {
  const focusReturn = useFocusReturn()
  return (
    <Radix.Root open={props.isOpen} onOpenChange={(isOpen) => !isOpen && props.onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={overlayClass} />
        <Radix.Content
          {...focusReturn}
          {...(!props.hint && { 'aria-describedby': undefined })}
          className={classes(
            'fixed inset-x-4 top-[12dvh] z-50 mx-auto flex max-h-[80dvh] animate-appear flex-col rounded-card border border-line bg-panel p-5 shadow-float',
            props.isWide ? 'max-w-xl' : 'max-w-md',
          )}
        >
          <DialogHead title={props.title} />
          {/* The buttons stay in sight however long the contents are; focus rings need room inside what scrolls. */}
          <div className="-mx-5 min-h-0 overflow-y-auto px-5 pb-1">
            {props.hint && (
              <Radix.Description className="mt-1 text-soft">{props.hint}</Radix.Description>
            )}
            {props.children}
          </div>
          {props.actions && (
            <div className="mt-4 flex shrink-0 justify-end gap-2">{props.actions}</div>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** A dialog along the left edge: the side bar of a narrow screen. */
export function Sheet(props: {
  isOpen: boolean
  onClose(): void
  title: string
  children: ReactNode
}) {
  const focusReturn = useFocusReturn()
  return (
    <Radix.Root open={props.isOpen} onOpenChange={(isOpen) => !isOpen && props.onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={overlayClass} />
        <Radix.Content
          {...focusReturn}
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-50 flex w-64 animate-appear flex-col border-line border-r bg-panel p-3 shadow-float"
        >
          <DialogHead title={props.title} />
          {props.children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** Radix gives the focus back to a trigger of its own alone; these are opened by any button, which may be gone by the end. */
function useFocusReturn() {
  const opener = useRef<Element | null>(null)
  return {
    onOpenAutoFocus: () => {
      opener.current = document.activeElement
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault()
      const place = opener.current?.isConnected ? opener.current : document.getElementById('main')
      if (place instanceof HTMLElement) place.focus({ preventScroll: true })
    },
  }
}

function DialogHead({ title }: { title: string }) {
  const t = useTranslations('common')
  return (
    <div className="flex items-start justify-between gap-3">
      <Radix.Title className="font-semibold text-base">{title}</Radix.Title>
      <Radix.Close asChild>
        <button
          type="button"
          aria-label={t('close')}
          className="-mt-1 -mr-1 inline-flex size-8 shrink-0 items-center justify-center rounded-control text-soft hover:bg-ink/6 hover:text-ink"
        >
          <X aria-hidden className="size-4" />
        </button>
      </Radix.Close>
    </div>
  )
}
