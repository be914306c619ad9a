'use client'
import { useFieldArray } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { Checkbox } from '../../components/checkbox.tsx'
import { Field } from '../../components/field.tsx'
import { Input, Textarea } from '../../components/input.tsx'
import { Part, TabForm, useEditor } from './editor-context.tsx'
import { ListRows } from './list-rows.tsx'
import { WebhookTools } from './webhook-tools.tsx'

const MOST_TRANSFERS = 20 // The API's bound.

/** What the agent can do besides talking. */
export function ToolsTab() {
  const t = useTranslations('agents.tools')
  const { form } = useEditor()
  return (
    <TabForm label={t('label')}>
      <Part title={t('builtIn')}>
        <div className="space-y-1">
          <Checkbox
            {...form.register('spec.tools.endCall')}
            label={t('endCall')}
            hint={t('endCallHint')}
          />
          <Checkbox
            {...form.register('spec.tools.keypad')}
            label={t('keypad')}
            hint={t('keypadHint')}
          />
        </div>
      </Part>
      <Part title={t('transfers.title')} hint={t('transfers.hint')}>
        <Transfers />
      </Part>
      <Part title={t('webhooks.title')} hint={t('webhooks.hint')}>
        <WebhookTools />
      </Part>
    </TabForm>
  )
}

function Transfers() {
  const t = useTranslations('agents.tools.transfers')
  const { form, messageOf } = useEditor()
  const { control, register, getValues } = form
  const { fields, append, remove } = useFieldArray({ control, name: 'spec.tools.transfers' })
  return (
    <ListRows
      label={t('title')}
      rows={fields}
      most={MOST_TRANSFERS}
      none={t('none')}
      add={t('add')}
      onAdd={() => append({ number: '', condition: '' })}
      removeLabel={(place) =>
        t('remove', { number: getValues(`spec.tools.transfers.${place}.number`) || `${place + 1}` })
      }
      onRemove={remove}
      error={messageOf('spec.tools.transfers')}
    >
      {(_, place) => (
        <div className="grid gap-3 sm:grid-cols-[12rem_minmax(0,1fr)]">
          <Field
            label={t('number')}
            hint={t('numberHint')}
            error={messageOf(`spec.tools.transfers.${place}.number`)}
          >
            {(given) => (
              <Input
                {...given}
                {...register(`spec.tools.transfers.${place}.number`)}
                type="tel"
                autoComplete="off"
                placeholder="+1"
              />
            )}
          </Field>
          <Field
            label={t('condition')}
            error={messageOf(`spec.tools.transfers.${place}.condition`)}
          >
            {(given) => (
              <Textarea
                {...given}
                {...register(`spec.tools.transfers.${place}.condition`)}
                rows={2}
              />
            )}
          </Field>
        </div>
      )}
    </ListRows>
  )
}
