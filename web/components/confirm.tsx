'use client'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

/** Asks before something that cannot be undone; says the object and the effect, and stays open while it happens. */
export function Confirm(props: {
  isOpen: boolean
  onClose(): void
  title: string
  effect: string
  action: string
  isSending: boolean
  onConfirm(): void
  children?: ReactNode
}) {
  const t = useTranslations('common')
  return (
    <Dialog
      isOpen={props.isOpen}
      onClose={props.onClose}
      title={props.title}
      hint={props.effect}
      actions={
        <>
          <Button onClick={props.onClose}>{t('cancel')}</Button>
          <Button kind="danger" disabled={props.isSending} onClick={props.onConfirm}>
            {props.action}
          </Button>
        </>
      }
    >
      {props.children}
    </Dialog>
  )
}
