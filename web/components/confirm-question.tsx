'use client'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from './button.tsx'
import type { ConfirmProps } from './confirm.tsx'
import { Dialog } from './dialog.tsx'
import { Field } from './field.tsx'
import { FormFailure } from './form.tsx'
import { Input } from './input.tsx'

/** The open question of a `Confirm`. */
export function Question(props: ConfirmProps) {
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
