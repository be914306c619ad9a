'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import {
  addDoNotCallNumber,
  addDoNotCallNumbers,
  listDoNotCallNumbers,
  MAX_BULK_NUMBERS,
} from '#contracts/do-not-call'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input, Textarea } from '../../components/input.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'

const MAX_CHARACTERS = 40 // of one line, as the contract has it
const SHOWN = 5 // lines that were no numbers, named so that they can be found

/** Numbers as they are pasted, one a line; what is none stays in the field to be put right. */
export function AddNumbers({ onClose }: { onClose(): void }) {
  const t = useTranslations('doNotCall.adding')
  const api = useApi()
  const queries = useQueryClient()
  const [invalid, setInvalid] = useState<readonly string[]>([])
  const { form, submit, failure, messageOf, isSending } = useApiForm(useSchema(), {
    values: { numbers: '', note: '' },
    async send({ numbers, note }) {
      const told = await api(addDoNotCallNumbers, { body: { numbers: linesOf(numbers), note } })
      void queries.invalidateQueries({ queryKey: endpointKey(listDoNotCallNumbers) })
      if (told.added > 0 || told.alreadyThere > 0)
        toast(t('done', { added: told.added, already: told.alreadyThere }))
      setInvalid(told.invalid)
      if (told.invalid.length === 0) onClose()
      else form.setValue('numbers', told.invalid.join('\n'))
    },
  })
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
      <Field label={t('numbers')} hint={t('numbersHint')} error={messageOf('numbers')}>
        {(control) => <Textarea {...control} {...form.register('numbers')} rows={6} />}
      </Field>
      {invalid.length > 0 && (
        <p role="alert" className="break-words text-bad text-xs">
          {t('invalid', { count: invalid.length, some: invalid.slice(0, SHOWN).join(', ') })}
        </p>
      )}
      <Field label={t('note')} error={messageOf('note')} isOptional>
        {(control) => <Input {...control} {...form.register('note')} autoComplete="off" />}
      </Field>
    </FormDialog>
  )
}

export const linesOf = (typed: string): string[] =>
  typed
    .split(/[\n;,]/)
    .map((line) => line.trim())
    .filter(Boolean)

function useSchema() {
  const t = useTranslations('doNotCall.adding')
  return useMemo(
    () =>
      z.object({
        numbers: z
          .string()
          .trim()
          .min(1)
          .refine((typed) => linesOf(typed).length <= MAX_BULK_NUMBERS, {
            error: t('tooMany', { count: MAX_BULK_NUMBERS }),
          })
          .refine((typed) => linesOf(typed).every((line) => line.length <= MAX_CHARACTERS), {
            error: t('tooLong', { count: MAX_CHARACTERS }),
          }),
        note: addDoNotCallNumber.body.shape.note.unwrap(),
      }),
    [t],
  )
}
