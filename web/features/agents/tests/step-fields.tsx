'use client'
import { Plus, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { Controller, useFieldArray, useFormContext, useWatch } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { MAX_STEPS, type StepKind } from '#api/contract/agent-test.ts'
import { Button } from '../../../components/button.tsx'
import { Field } from '../../../components/field.tsx'
import { IconButton } from '../../../components/icon-button.tsx'
import { Input, Textarea } from '../../../components/input.tsx'
import { Select } from '../../../components/select.tsx'
import { KindSelect } from './kind-select.tsx'
import { type TypedTest, usualNumber } from './typed-steps.ts'

const textLabels = {
  says: 'words',
  interrupts: 'words',
  presses: 'keys',
  agentSays: 'phrases',
  toolCalled: 'tool',
} as const
const numberLabels = {
  interrupts: 'afterMs',
  waits: 'waits',
  agentSays: 'withinMs',
  toolCalled: 'withinMs',
  gapAtMost: 'gapAtMost',
  agentStops: 'withinMs',
  callEnds: 'withinMs',
  chargeAtMost: 'cents',
} as const
const hasKey = <Labels extends object>(
  labels: Labels,
  kind: StepKind,
): kind is StepKind & keyof Labels => kind in labels

/** One step: its kind, and the fields a step of that kind has. */
export function StepFields(props: { place: number; actions: ReactNode; onKindChange(): void }) {
  const t = useTranslations('agentTests')
  const { control, setValue, getFieldState, formState } = useFormContext<TypedTest>()
  const { place } = props
  const kind = useWatch({ control, name: `steps.${place}.kind` })
  const error = getFieldState(`steps.${place}`, formState).error?.message
  const errorId = `step-${place}-error`
  return (
    <div className="space-y-3">
      <div className="flex items-center gap-1">
        <span aria-hidden className="w-6 shrink-0 text-soft tabular-nums">
          {place + 1}
        </span>
        <Controller
          control={control}
          name={`steps.${place}.kind`}
          render={({ field }) => (
            <KindSelect
              label={t('editor.kind', { number: place + 1 })}
              value={field.value}
              describedBy={error ? errorId : undefined}
              controlRef={field.ref}
              onChange={(next) => {
                field.onChange(next)
                setValue(`steps.${place}.number`, usualNumber(next))
                props.onKindChange()
              }}
            />
          )}
        />
        <span className="ml-auto flex shrink-0">{props.actions}</span>
      </div>
      {error && (
        <p id={errorId} className="text-bad text-xs">
          {error}
        </p>
      )}
      <Parts place={place} kind={kind} />
    </div>
  )
}

function Parts({ place, kind }: { place: number; kind: StepKind }) {
  const t = useTranslations('agentTests')
  const { register, getFieldState, formState } = useFormContext<TypedTest>()
  const messageOf = (part: 'text' | 'number') =>
    getFieldState(`steps.${place}.${part}`, formState).error?.message
  const hint = t(`hints.${kind}`)
  const hasText = hasKey(textLabels, kind)
  if (kind === 'transcript') return <TranscriptLines place={place} hint={hint} />
  return (
    <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_9rem]">
      {hasText && (
        <Field
          label={t(`fields.${textLabels[kind]}`)}
          hint={hint}
          error={messageOf('text')}
          className={hasKey(numberLabels, kind) ? '' : 'sm:col-span-2'}
        >
          {(control) =>
            isLong(kind) ? (
              <Textarea {...control} {...register(`steps.${place}.text`)} rows={2} />
            ) : (
              <Input {...control} {...register(`steps.${place}.text`)} autoComplete="off" />
            )
          }
        </Field>
      )}
      {hasKey(numberLabels, kind) && (
        <Field
          label={t(`fields.${numberLabels[kind]}`)}
          {...(!hasText && { hint })}
          error={messageOf('number')}
          className={hasText ? '' : 'sm:col-span-2'}
        >
          {(control) => (
            <Input
              {...control}
              {...register(`steps.${place}.number`, { valueAsNumber: true })}
              type="number"
              inputMode="numeric"
              min={0}
              step={1}
              className="max-w-36 tabular-nums"
            />
          )}
        </Field>
      )}
      {!hasText && !hasKey(numberLabels, kind) && (
        <p className="text-soft text-xs sm:col-span-2">{hint}</p>
      )}
    </div>
  )
}

/** What may be more than a line is wide. */
const isLong = (kind: StepKind): boolean =>
  kind === 'says' || kind === 'interrupts' || kind === 'agentSays'

function TranscriptLines({ place, hint }: { place: number; hint: string }) {
  const t = useTranslations('agentTests.fields')
  const { control, register, getFieldState, formState } = useFormContext<TypedTest>()
  const { fields, append, remove } = useFieldArray({ control, name: `steps.${place}.lines` })
  const speakers = (['agent', 'caller'] as const).map((value) => ({ value, label: t(value) }))
  return (
    <div className="space-y-2">
      <ol className="space-y-2">
        {fields.map((field, row) => {
          const name = `steps.${place}.lines.${row}` as const
          return (
            <li key={field.id} className="flex items-end gap-2">
              <Field label={t('speaker')} className="w-28 shrink-0">
                {(given) => (
                  <Select {...given} {...register(`${name}.speaker`)} options={speakers} />
                )}
              </Field>
              <Field
                label={t('line', { number: row + 1 })}
                error={getFieldState(`${name}.words`, formState).error?.message}
                className="grow"
              >
                {(given) => <Input {...given} {...register(`${name}.words`)} autoComplete="off" />}
              </Field>
              <IconButton
                label={t('removeLine', { number: row + 1 })}
                disabled={fields.length === 1}
                onClick={() => remove(row)}
              >
                <Trash2 aria-hidden className="size-4" />
              </IconButton>
            </li>
          )
        })}
      </ol>
      <div className="flex flex-wrap items-center gap-3">
        <Button
          size="small"
          disabled={fields.length >= MAX_STEPS}
          onClick={() => append({ speaker: 'caller', words: '' })}
        >
          <Plus aria-hidden className="size-3.5 text-soft" />
          {t('addLine')}
        </Button>
        <p className="text-soft text-xs">{hint}</p>
      </div>
    </div>
  )
}
