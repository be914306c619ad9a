'use client'
import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
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
  className?: string
}

const overlayClass = 'fixed inset-0 z-40 animate-appear bg-black/40'

export function Dialog(props: DialogProps) {
  return (
    <Radix.Root open={props.isOpen} onOpenChange={(isOpen) => !isOpen && props.onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={overlayClass} />
        <Radix.Content
          {...(!props.hint && { 'aria-describedby': undefined })}
          className={classes(
            'fixed inset-x-4 top-[16dvh] z-50 mx-auto max-h-[70dvh] max-w-md animate-appear overflow-y-auto rounded-card border border-line bg-panel p-5 shadow-float',
            props.className,
          )}
        >
          <DialogHead title={props.title} />
          {props.hint && (
            <Radix.Description className="mt-1 text-soft">{props.hint}</Radix.Description>
          )}
          {props.children}
          {props.actions && <div className="mt-5 flex justify-end gap-2">{props.actions}</div>}
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
  return (
    <Radix.Root open={props.isOpen} onOpenChange={(isOpen) => !isOpen && props.onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={overlayClass} />
        <Radix.Content
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
