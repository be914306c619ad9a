'use client'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from '../../../components/button.tsx'
import { Dialog } from '../../../components/dialog.tsx'
import { toast } from '../../../components/toast.tsx'
import type { Runner } from './use-runner.ts'

/** A test tries what is saved: asks before it saves what was typed. */
export function AskToSave({ runner }: { runner: Runner }) {
  const t = useTranslations('agentTests.save')
  const common = useTranslations('common')
  const [isSaving, setSaving] = useState(false)
  const go = async () => {
    setSaving(true)
    if (!(await runner.saveAndRun())) toast(t('refused'))
  }
  return (
    <Dialog
      isOpen
      onClose={runner.forget}
      title={t('title')}
      hint={t('effect')}
      actions={
        <>
          <Button onClick={runner.forget}>{common('cancel')}</Button>
          <Button kind="primary" disabled={isSaving} onClick={() => void go()}>
            {isSaving ? t('saving') : t('action')}
          </Button>
        </>
      }
    />
  )
}
