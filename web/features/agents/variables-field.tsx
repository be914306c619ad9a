'use client'
import { useFieldArray } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { Field } from '../../components/field.tsx'
import { Input } from '../../components/input.tsx'
import { useEditor } from './editor-context.tsx'
import { ListRows } from './list-rows.tsx'

const MOST = 50 // The API's bound.

/** What prompt and first message may name, and what stands there where a call brings no value. */
export function VariablesField() {
  const t = useTranslations('agents.variables')
  const { form, messageOf } = useEditor()
  const { control, register, getValues } = form
  const { fields, append, remove } = useFieldArray({ control, name: 'spec.variables' })
  return (
    <ListRows
      label={t('label')}
      rows={fields}
      most={MOST}
      none={t('none')}
      add={t('add')}
      onAdd={() => append({ name: '', default: '' })}
      removeLabel={(place) =>
        t('remove', { name: getValues(`spec.variables.${place}.name`) || `${place + 1}` })
      }
      onRemove={remove}
      error={messageOf('spec.variables')}
    >
      {(_, place) => (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field
            label={t('name')}
            error={
              messageOf(`spec.variables.${place}.name`) ?? messageOf(`spec.variables.${place}`)
            }
          >
            {(given) => (
              <Input
                {...given}
                {...register(`spec.variables.${place}.name`)}
                autoComplete="off"
                spellCheck={false}
              />
            )}
          </Field>
          <Field
            label={t('default')}
            error={messageOf(`spec.variables.${place}.default`)}
            isOptional
          >
            {(given) => (
              <Input
                {...given}
                {...register(`spec.variables.${place}.default`)}
                autoComplete="off"
              />
            )}
          </Field>
        </div>
      )}
    </ListRows>
  )
}
