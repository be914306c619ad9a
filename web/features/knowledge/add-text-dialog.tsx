'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { addText, listDocuments } from '#contracts/knowledge'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input, Textarea } from '../../components/input.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'

/** A text that is typed or pasted. */
export function AddTextDialog({ onClose }: { onClose(): void }) {
  const t = useTranslations('knowledge.addText')
  const api = useApi()
  const queries = useQueryClient()
  const { form, submit, failure, messageOf, isSending } = useApiForm(addText.body, {
    values: { title: '', text: '' },
    async send(body) {
      await api(addText, { body })
      toast(t('done', { title: body.title.trim() }))
      void queries.invalidateQueries({ queryKey: endpointKey(listDocuments) })
      onClose()
    },
  })
  return (
    <FormDialog
      title={t('title')}
      action={t('action')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
      isWide
    >
      <Field label={t('name')} error={messageOf('title')}>
        {(control) => <Input {...control} {...form.register('title')} autoComplete="off" />}
      </Field>
      <Field label={t('text')} hint={t('textHint')} error={messageOf('text')}>
        {(control) => <Textarea {...control} {...form.register('text')} rows={10} />}
      </Field>
    </FormDialog>
  )
}
