'use client'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Field } from './field.tsx'
import { FormFailure } from './form.tsx'
import { Input } from './input.tsx'

type ConfirmProps = {
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

/** Asks before something that cannot be undone; says the object and the effect, and stays open while it happens. */
export function Confirm(props: ConfirmProps) {
  return props.isOpen ? <Question {...props} /> : null
}

function Question(props: ConfirmProps) {
  const t = useTranslations('common')
  const [typed, setTyped] = useState('')
  const { typedName } = props
  const isNamed = typedName === undefined || typed.trim() === typedName.trim()
  return (
    <Dialog
      isOpen
      onClose={props.onClose}
      title={props.title}
      hint={props.effect}
      actions={
        <>
          <Button onClick={props.onClose}>{t('cancel')}</Button>
          <Button kind="danger" disabled={props.isSending || !isNamed} onClick={props.onConfirm}>
            {props.action}
          </Button>
        </>
      }
    >
      <div className="mt-4 space-y-4 empty:hidden">
        {props.children}
        {typedName !== undefined && (
          <Field label={t('typeName', { name: typedName })}>
            {(control) => (
              <Input
                {...control}
                autoComplete="off"
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            )}
          </Field>
        )}
        <FormFailure error={props.failure} />
      </div>
    </Dialog>
  )
}
