'use client'
import { Controller } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { suggestedLlms, turnEagerness } from '#api/contract/agent-spec.ts'
import { Checkbox } from '../../components/checkbox.tsx'
import { Field } from '../../components/field.tsx'
import { Input } from '../../components/input.tsx'
import { RadioCards } from '../../components/radio-cards.tsx'
import { Part, TabForm, useEditor } from './editor-context.tsx'

const MODELS_ID = 'agent-models'

/** How the agent takes turns, which model thinks for it, and how long a call may last. */
export function BehaviourTab() {
  const t = useTranslations('agents.behaviour')
  const { form, messageOf } = useEditor()
  const { control, register } = form
  return (
    <TabForm label={t('label')}>
      <Part title={t('turns')}>
        <Controller
          control={control}
          name="spec.turn.eagerness"
          render={({ field }) => (
            <RadioCards
              label={t('eagerness')}
              value={field.value}
              onChange={field.onChange}
              className="max-w-xl"
              options={turnEagerness.map((value) => ({
                value,
                label: t(`eagernesses.${value}`),
                hint: t(`eagernessHints.${value}`),
              }))}
            />
          )}
        />
        <Field
          label={t('timeout')}
          hint={t('timeoutHint')}
          error={messageOf('spec.turn.timeoutSeconds')}
          className="max-w-xs"
        >
          {(given) => (
            <Input
              {...given}
              {...register('spec.turn.timeoutSeconds', { valueAsNumber: true })}
              type="number"
              min={1}
              max={30}
              inputMode="numeric"
            />
          )}
        </Field>
        <Checkbox
          {...register('spec.isInterruptible')}
          label={t('interruptible')}
          hint={t('interruptibleHint')}
        />
      </Part>
      <Part title={t('model')}>
        <div className="grid max-w-xl gap-4 sm:grid-cols-2">
          <Field label={t('llm')} hint={t('llmHint')} error={messageOf('spec.llm')}>
            {(given) => (
              <>
                <Input
                  {...given}
                  {...register('spec.llm')}
                  list={MODELS_ID}
                  autoComplete="off"
                  spellCheck={false}
                />
                <datalist id={MODELS_ID}>
                  {suggestedLlms.map((name) => (
                    <option key={name} value={name} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
          <Field
            label={t('temperature')}
            hint={t('temperatureHint')}
            error={messageOf('spec.temperature')}
          >
            {(given) => (
              <Input
                {...given}
                {...register('spec.temperature', { valueAsNumber: true })}
                type="number"
                min={0}
                max={1}
                step={0.1}
                inputMode="decimal"
              />
            )}
          </Field>
        </div>
      </Part>
      <Part title={t('limits')}>
        <Field
          label={t('longest')}
          hint={t('longestHint')}
          error={messageOf('spec.maxDurationSeconds')}
          className="max-w-xs"
        >
          {(given) => (
            <Input
              {...given}
              {...register('spec.maxDurationSeconds', { valueAsNumber: true })}
              type="number"
              min={60}
              max={14_400}
              inputMode="numeric"
            />
          )}
        </Field>
      </Part>
    </TabForm>
  )
}
