'use client'
import { useCallback, useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useLeaveGuard } from '../lib/use-leave-guard.ts'
import { Button } from './button.tsx'
import { Confirm } from './confirm.tsx'

/** Shown while a form holds unsaved changes: save (also by Ctrl S) or discard; leaving by a link asks first. */
export function SaveBar(props: {
  isDirty: boolean
  isSending: boolean
  onSave(): void
  onDiscard(): void
}) {
  const t = useTranslations('forms')
  const { isDirty, isSending, onSave } = props
  const [leave, setLeave] = useState<(() => void) | null>(null)
  const ask = useCallback((go: () => void) => setLeave(() => go), [])
  // Once the person has said "leave", the guard must be gone before the link is followed.
  const [isLeaving, setLeaving] = useState(false)
  useLeaveGuard(isDirty && !isLeaving, ask)
  useEffect(() => {
    if (isLeaving) leave?.()
  }, [isLeaving, leave])
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      if (isDirty && !isSending) onSave()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [isDirty, isSending, onSave])

  if (!isDirty) return null
  return (
    <div className="sticky bottom-0 z-20 -mx-4 mt-6 flex animate-appear flex-wrap items-center justify-end gap-2 border-line border-t bg-bg px-4 py-3 md:-mx-6 md:px-6">
      <p role="status" className="mr-auto">
        {t('unsaved')}
      </p>
      <Button onClick={props.onDiscard} disabled={isSending}>
        {t('discard')}
      </Button>
      <Button kind="primary" onClick={onSave} disabled={isSending}>
        {isSending ? t('saving') : t('save')}
      </Button>
      <Confirm
        isOpen={leave !== null && !isLeaving}
        onClose={() => setLeave(null)}
        title={t('leaveTitle')}
        effect={t('leaveEffect')}
        action={t('leave')}
        isSending={false}
        onConfirm={() => setLeaving(true)}
      />
    </div>
  )
}
