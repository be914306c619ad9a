'use client'
import { useFieldArray } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { valueTypes } from '#api/contract/agent-spec.ts'
import { Field } from '../../components/field.tsx'
import { Input, Textarea } from '../../components/input.tsx'
import { Select } from '../../components/select.tsx'
import { Part, TabForm, useEditor } from './editor-context.tsx'
import { ListRows } from './list-rows.tsx'

const MOST_CRITERIA = 30 // The API's bounds.
const MOST_VALUES = 25

/** What every conversation is judged by and what is read out of it. */
export function AnalysisTab() {
  const t = useTranslations('agents.analysis')
  return (
    <TabForm label={t('label')}>
      <Part title={t('criteria.title')} hint={t('criteria.hint')}>
        <Criteria />
      </Part>
      <Part title={t('values.title')} hint={t('values.hint')}>
        <DataCollection />
      </Part>
    </TabForm>
  )
}

function Criteria() {
  const t = useTranslations('agents.analysis.criteria')
  const { form, messageOf } = useEditor()
  const { control, register, getValues } = form
  const { fields, append, remove } = useFieldArray({ control, name: 'spec.criteria' })
  return (
    <ListRows
      label={t('title')}
      rows={fields}
      most={MOST_CRITERIA}
      none={t('none')}
      add={t('add')}
      onAdd={() => append({ name: '', goal: '' })}
      removeLabel={(place) =>
        t('remove', { name: getValues(`spec.criteria.${place}.name`) || `${place + 1}` })
      }
      onRemove={remove}
      error={messageOf('spec.criteria')}
    >
      {(_, place) => (
        <div className="space-y-3">
          <Field
            label={t('name')}
            error={messageOf(`spec.criteria.${place}.name`) ?? messageOf(`spec.criteria.${place}`)}
          >
            {(given) => (
              <Input {...given} {...register(`spec.criteria.${place}.name`)} autoComplete="off" />
            )}
          </Field>
          <Field
            label={t('goal')}
            hint={t('goalHint')}
            error={messageOf(`spec.criteria.${place}.goal`)}
          >
            {(given) => (
              <Textarea {...given} {...register(`spec.criteria.${place}.goal`)} rows={2} />
            )}
          </Field>
        </div>
      )}
    </ListRows>
  )
}

function DataCollection() {
  const t = useTranslations('agents.analysis.values')
  const types = useTranslations('agents.types')
  const { form, messageOf } = useEditor()
  const { control, register, getValues } = form
  const { fields, append, remove } = useFieldArray({ control, name: 'spec.dataCollection' })
  return (
    <ListRows
      label={t('title')}
      rows={fields}
      most={MOST_VALUES}
      none={t('none')}
      add={t('add')}
      onAdd={() => append({ name: '', type: 'string', description: '' })}
      removeLabel={(place) =>
        t('remove', { name: getValues(`spec.dataCollection.${place}.name`) || `${place + 1}` })
      }
      onRemove={remove}
      error={messageOf('spec.dataCollection')}
    >
      {(_, place) => (
        <div className="space-y-3">
          <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_10rem]">
            <Field
              label={t('name')}
              error={
                messageOf(`spec.dataCollection.${place}.name`) ??
                messageOf(`spec.dataCollection.${place}`)
              }
            >
              {(given) => (
                <Input
                  {...given}
                  {...register(`spec.dataCollection.${place}.name`)}
                  autoComplete="off"
                  spellCheck={false}
                />
              )}
            </Field>
            <Field label={t('type')}>
              {(given) => (
                <Select
                  {...given}
                  {...register(`spec.dataCollection.${place}.type`)}
                  options={valueTypes.map((value) => ({ value, label: types(value) }))}
                />
              )}
            </Field>
          </div>
          <Field
            label={t('description')}
            hint={t('descriptionHint')}
            error={messageOf(`spec.dataCollection.${place}.description`)}
          >
            {(given) => (
              <Textarea
                {...given}
                {...register(`spec.dataCollection.${place}.description`)}
                rows={2}
              />
            )}
          </Field>
        </div>
      )}
    </ListRows>
  )
}
