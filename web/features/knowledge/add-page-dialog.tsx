'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { addPage, listDocuments } from '#contracts/knowledge'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'

/** One web page, which the API fetches by itself. */
export function AddPageDialog({ onClose }: { onClose(): void }) {
  const t = useTranslations('knowledge.addPage')
  const api = useApi()
  const queries = useQueryClient()
  const { form, submit, failure, messageOf, isSending } = useApiForm(addPage.body, {
    values: { url: '' },
    async send(body) {
      await api(addPage, { body })
      toast(t('done'))
      void queries.invalidateQueries({ queryKey: endpointKey(listDocuments) })
      onClose()
    },
  })
  // An empty title is none: the page is then called by its address.
  const title = form.register('title', { setValueAs: (typed: string) => typed || undefined })
  return (
    <FormDialog
      title={t('title')}
      hint={t('hint')}
      action={t('action')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={t('url')} error={messageOf('url')}>
        {(control) => (
          <Input
            {...control}
            {...form.register('url')}
            type="url"
            inputMode="url"
            autoComplete="off"
            placeholder="https://"
          />
        )}
      </Field>
      <Field label={t('name')} hint={t('nameHint')} error={messageOf('title')} isOptional>
        {(control) => <Input {...control} {...title} autoComplete="off" />}
      </Field>
    </FormDialog>
  )
}
