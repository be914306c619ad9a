'use client'
import { type FormEvent, type ReactNode, useId } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Form } from './form.tsx'

/** A form that is asked for on top of a screen; it stays open until the answer is there. */
export function FormDialog(props: {
  title: string
  hint?: string
  /** The button that sends, a verb. */
  action: string
  kind?: 'primary' | 'danger'
  isSending: boolean
  /** While what was typed cannot be sent at all: the name does not match, say. */
  isBlocked?: boolean
  failure: unknown
  onSubmit(event: FormEvent<HTMLFormElement>): void
  onClose(): void
  isWide?: boolean
  children: ReactNode
}) {
  const t = useTranslations('common')
  const formId = useId()
  const isHeld = props.isSending || (props.isBlocked ?? false)
  return (
    <Dialog
      isOpen
      onClose={props.onClose}
      title={props.title}
      {...(props.isWide && { isWide: true })}
      {...(props.hint && { hint: props.hint })}
      actions={
        <>
          <Button onClick={props.onClose}>{t('cancel')}</Button>
          <Button type="submit" form={formId} kind={props.kind ?? 'primary'} disabled={isHeld}>
            {props.action}
          </Button>
        </>
      }
    >
      <Form
        id={formId}
        onSubmit={(event) => {
          // Ctrl Enter in a text area asks past the button.
          if (isHeld) event.preventDefault()
          else props.onSubmit(event)
        }}
        failure={props.failure}
        className="mt-4"
      >
        {props.children}
      </Form>
    </Dialog>
  )
}
