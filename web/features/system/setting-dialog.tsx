'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import { changeSetting, listSettings } from '#contracts/system'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { ReasonField } from '../../components/reason-field.tsx'
import { toast } from '../../components/toast.tsx'
import { WhenField } from '../../components/when-field.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { fromLocalMoment, isToCome } from '../../lib/local-moment.ts'
import { useApiForm } from '../../lib/use-api-form.ts'
import { type Setting, useSettingWords } from './use-setting-words.ts'

/** Gives a setting another value, at once or later. */
export function SettingDialog(props: { setting: Setting; onClose(): void }) {
  const { setting, onClose } = props
  const t = useTranslations('platform.settings')
  const { name, description, unit } = useSettingWords()(setting)
  const api = useApi()
  const queries = useQueryClient()
  const { form, submit, failure, messageOf, isSending } = useApiForm(useTyped(setting), {
    values: { value: setting.value, from: '', reason: '' },
    send: async ({ value, from, reason }) => {
      const effectiveFrom = fromLocalMoment(from)
      await api(changeSetting, {
        params: { key: setting.key },
        body: { value, reason, ...(effectiveFrom && { effectiveFrom }) },
      })
      toast(t(effectiveFrom ? 'scheduled' : 'done', { setting: name }))
      onClose()
      await queries.invalidateQueries({ queryKey: endpointKey(listSettings) })
    },
  })
  return (
    <FormDialog
      title={t('changeOf', { setting: name })}
      hint={description}
      action={t('action')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={t('value', { unit })}
        hint={t('bounds', {
          minimum: setting.minimum,
          maximum: setting.maximum,
          usual: setting.default,
        })}
        error={messageOf('value')}
      >
        {(control) => (
          <Input
            {...control}
            type="number"
            inputMode="numeric"
            {...form.register('value', { valueAsNumber: true })}
          />
        )}
      </Field>
      <WhenField error={messageOf('from')} register={() => form.register('from')} />
      <ReasonField error={messageOf('reason')} register={() => form.register('reason')} />
    </FormDialog>
  )
}

/** The contract's fields within this setting's own bounds; the moment as it is typed. */
function useTyped({ minimum, maximum }: Setting) {
  const t = useTranslations('when')
  return useMemo(() => {
    const { value, reason } = changeSetting.body.shape
    return z.object({
      value: value.min(minimum).max(maximum),
      from: z.string().refine((text) => isToCome(text), { error: t('past') }),
      reason,
    })
  }, [minimum, maximum, t])
}
