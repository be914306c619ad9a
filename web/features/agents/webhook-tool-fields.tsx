'use client'
import { useFieldArray, useWatch } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { toolMethods, valueTypes } from '#api/contract/agent-spec.ts'
import { Checkbox } from '../../components/checkbox.tsx'
import { Field } from '../../components/field.tsx'
import { Input, Textarea } from '../../components/input.tsx'
import { Select } from '../../components/select.tsx'
import { useEditor } from './editor-context.tsx'
import { ListRows } from './list-rows.tsx'

const MOST_PARAMETERS = 30 // The API's bound.
const sources = ['conversation', 'variable', 'constant'] as const

/** Where a tool is reached, when it is used and what it is sent. */
export function WebhookToolFields({ place }: { place: number }) {
  const t = useTranslations('agents.tools.webhooks')
  const { form, messageOf } = useEditor()
  const { register } = form
  const at = `spec.tools.webhooks.${place}` as const
  return (
    <div className="space-y-4">
      <Field
        label={t('name')}
        hint={t('nameHint')}
        error={messageOf(`${at}.name`) ?? messageOf(at)}
      >
        {(given) => (
          <Input {...given} {...register(`${at}.name`)} autoComplete="off" spellCheck={false} />
        )}
      </Field>
      <Field
        label={t('description')}
        hint={t('descriptionHint')}
        error={messageOf(`${at}.description`)}
      >
        {(given) => <Textarea {...given} {...register(`${at}.description`)} rows={2} />}
      </Field>
      <div className="grid gap-4 sm:grid-cols-[7rem_minmax(0,1fr)_8rem]">
        <Field label={t('method')}>
          {(given) => (
            <Select
              {...given}
              {...register(`${at}.method`)}
              options={toolMethods.map((value) => ({ value, label: value }))}
            />
          )}
        </Field>
        <Field label={t('url')} error={messageOf(`${at}.url`)}>
          {(given) => (
            <Input
              {...given}
              {...register(`${at}.url`)}
              type="url"
              inputMode="url"
              autoComplete="off"
              placeholder="https://"
            />
          )}
        </Field>
        <Field label={t('timeout')} error={messageOf(`${at}.timeoutSeconds`)}>
          {(given) => (
            <Input
              {...given}
              {...register(`${at}.timeoutSeconds`, { valueAsNumber: true })}
              type="number"
              min={5}
              max={120}
              inputMode="numeric"
            />
          )}
        </Field>
      </div>
      <div className="space-y-2">
        <h3 className="font-medium">{t('parameters')}</h3>
        <Parameters place={place} />
      </div>
    </div>
  )
}

function Parameters({ place }: { place: number }) {
  const t = useTranslations('agents.tools.parameters')
  const types = useTranslations('agents.types')
  const { form, messageOf } = useEditor()
  const { control, register, getValues } = form
  const at = `spec.tools.webhooks.${place}.parameters` as const
  const { fields, append, remove } = useFieldArray({ control, name: at })
  return (
    <ListRows
      label={t('label')}
      rows={fields}
      most={MOST_PARAMETERS}
      none={t('none')}
      add={t('add')}
      onAdd={() =>
        append({
          name: '',
          type: 'string',
          required: true,
          value: { from: 'conversation', description: '' },
        })
      }
      removeLabel={(row) => t('remove', { name: getValues(`${at}.${row}.name`) || `${row + 1}` })}
      onRemove={remove}
      error={messageOf(at)}
    >
      {(_, row) => (
        <div className="space-y-3">
          <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_9rem]">
            <Field
              label={t('name')}
              error={messageOf(`${at}.${row}.name`) ?? messageOf(`${at}.${row}`)}
            >
              {(given) => (
                <Input
                  {...given}
                  {...register(`${at}.${row}.name`)}
                  autoComplete="off"
                  spellCheck={false}
                />
              )}
            </Field>
            <Field label={t('type')}>
              {(given) => (
                <Select
                  {...given}
                  {...register(`${at}.${row}.type`)}
                  options={valueTypes.map((value) => ({ value, label: types(value) }))}
                />
              )}
            </Field>
          </div>
          <ParameterValue place={place} row={row} />
          <Checkbox {...register(`${at}.${row}.required`)} label={t('required')} />
        </div>
      )}
    </ListRows>
  )
}

/** Where the value comes from, and what belongs to that source. */
function ParameterValue({ place, row }: { place: number; row: number }) {
  const t = useTranslations('agents.tools.parameters')
  const { form, messageOf } = useEditor()
  const { control, register, setValue } = form
  const at = `spec.tools.webhooks.${place}.parameters.${row}.value` as const
  const value = useWatch({ control, name: at })
  const variables = useWatch({ control, name: 'spec.variables' }) ?? []
  const from = value?.from ?? 'conversation'
  const choose = (chosen: string) => {
    const next = {
      conversation: { from: 'conversation', description: '' },
      variable: { from: 'variable', variable: variables[0]?.name ?? '' },
      constant: { from: 'constant', constant: '' },
    } as const
    const source = sources.find((each) => each === chosen) ?? 'conversation'
    setValue(at, next[source], { shouldDirty: true })
  }
  return (
    <div className="grid gap-3 sm:grid-cols-[12rem_minmax(0,1fr)]">
      <Field label={t('from')}>
        {(given) => (
          <Select
            {...given}
            value={from}
            onChange={(event) => choose(event.target.value)}
            options={sources.map((each) => ({ value: each, label: t(`sources.${each}`) }))}
          />
        )}
      </Field>
      {from === 'conversation' && (
        <Field
          label={t('description')}
          hint={t('descriptionHint')}
          error={messageOf(`${at}.description`)}
        >
          {(given) => <Input {...given} {...register(`${at}.description`)} autoComplete="off" />}
        </Field>
      )}
      {from === 'variable' && (
        <Field label={t('variable')} error={messageOf(`${at}.variable`) ?? messageOf(at)}>
          {(given) => (
            <Input
              {...given}
              {...register(`${at}.variable`)}
              list="agent-variables"
              autoComplete="off"
            />
          )}
        </Field>
      )}
      {from === 'constant' && (
        <Field label={t('constant')} error={messageOf(`${at}.constant`) ?? messageOf(at)}>
          {(given) => <Input {...given} {...register(`${at}.constant`)} autoComplete="off" />}
        </Field>
      )}
      <datalist id="agent-variables">
        {variables.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </div>
  )
}
