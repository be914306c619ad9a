'use client'
import { useEffect, useMemo, useRef, useState } from 'react'
import { FormProvider } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { Confirm } from '../../../components/confirm.tsx'
import { Field } from '../../../components/field.tsx'
import { FormDialog } from '../../../components/form-dialog.tsx'
import { Input } from '../../../components/input.tsx'
import { LeaveGuard } from '../../../components/leave-guard.tsx'
import { toast } from '../../../components/toast.tsx'
import { useApiForm } from '../../../lib/use-api-form.ts'
import { useEditor } from '../editor-context.tsx'
import { StepRows } from './step-rows.tsx'
import { TestConflict } from './test-conflict.tsx'
import type { AgentTest } from './test-types.ts'
import {
  blankStep,
  type TypedTest,
  typedTest,
  typedTestSchema,
  writtenTest,
} from './typed-steps.ts'
import { useFaultWords } from './use-fault-words.ts'
import { useSaveTest } from './use-save-test.ts'

const BLANK: TypedTest = { name: '', steps: [blankStep('says'), blankStep('agentSays')] }

/** Writes a test, or changes one: what it begins with is asked for only once. */
export function TestEditor(props: { test?: AgentTest; start?: TypedTest; onClose(): void }) {
  const t = useTranslations('agentTests.editor')
  const forms = useTranslations('forms')
  const { agent } = useEditor()
  const say = useFaultWords()
  const schema = useMemo(() => typedTestSchema(say), [say])
  const [isLeaving, setLeaving] = useState(false)
  const { test, onClose } = props
  const saving = useSaveTest(agent.id, test)
  const api = useApiForm(schema, {
    values: test ? typedTest(test) : (props.start ?? BLANK),
    async send(values) {
      const saved = await saving.save(writtenTest(values))
      if (!saved) return
      toast(t('saved', { name: saved.name }))
      onClose()
    },
  })
  const { form, submit, failure, messageOf, isSending } = api
  const { isDirty } = form.formState
  useSaveKey(() => void submit())
  const { conflict } = saving
  return (
    <>
      <FormDialog
        title={t(test ? 'edit' : 'create')}
        hint={t('hint')}
        action={t('action')}
        isSending={isSending}
        isBlocked={conflict !== null}
        failure={failure}
        onSubmit={submit}
        onClose={() => (isDirty ? setLeaving(true) : onClose())}
        isWide
      >
        {conflict && (
          <TestConflict
            conflict={conflict}
            onTake={() => {
              form.reset(typedTest(conflict.theirs))
              saving.goOnFrom(conflict.theirs)
            }}
            onKeep={() => saving.goOnFrom(conflict.theirs)}
          />
        )}
        {saving.isGone && (
          <p role="alert" className="rounded-control bg-warn/10 px-3 py-2">
            {t('gone')}
          </p>
        )}
        <Field label={t('name')} error={messageOf('name')}>
          {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
        </Field>
        <FormProvider {...form}>
          <StepRows error={messageOf('steps')} />
        </FormProvider>
      </FormDialog>
      <Confirm
        isOpen={isLeaving}
        onClose={() => setLeaving(false)}
        title={t('discardTitle')}
        effect={t('discardEffect')}
        action={t('discard')}
        isSending={false}
        onConfirm={onClose}
      />
      <LeaveGuard
        isActive={isDirty && !isLeaving}
        title={forms('leaveTitle')}
        effect={forms('leaveEffect')}
        action={forms('leave')}
      />
    </>
  )
}

/** Ctrl S saves what is in front, not the draft behind it. */
function useSaveKey(save: () => void): void {
  const latest = useRef(save)
  latest.current = save
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      event.stopPropagation()
      latest.current()
    }
    document.addEventListener('keydown', onKeyDown, true)
    return () => document.removeEventListener('keydown', onKeyDown, true)
  }, [])
}
