'use client'
import { useEffect } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from './button.tsx'
import { LeaveGuard } from './leave-guard.tsx'

/** Shown while a form holds unsaved changes: save (also by Ctrl S) or discard; leaving by a link asks first. */
export function SaveBar(props: {
  isDirty: boolean
  isSending: boolean
  onSave(): void
  onDiscard(): void
}) {
  const t = useTranslations('forms')
  const { isDirty, isSending, onSave } = props
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
      <LeaveGuard
        isActive={isDirty}
        title={t('leaveTitle')}
        effect={t('leaveEffect')}
        action={t('leave')}
      />
    </div>
  )
}
