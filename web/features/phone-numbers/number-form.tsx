'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'
import { Controller } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { getPhoneNumber, updatePhoneNumber } from '#contracts/phone-numbers'
import { ErrorBox } from '../../components/error-box.tsx'
import { Field } from '../../components/field.tsx'
import { Form } from '../../components/form.tsx'
import { FormPart } from '../../components/form-part.tsx'
import { Input } from '../../components/input.tsx'
import { SaveBar } from '../../components/save-bar.tsx'
import { Select } from '../../components/select.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { FallbackFields } from './fallback-fields.tsx'
import { formSchema, type NumberValues, toChange, valuesOf } from './number-values.ts'
import type { PhoneNumber } from './phone-number.ts'
import { RouteField } from './route-field.tsx'
import { useAgents } from './use-agents.ts'
import { useRefreshNumbers } from './use-refresh-numbers.ts'

/** Everything of a number that can be set; only what was changed is sent, and it counts when the API took it. */
export function NumberForm({ number }: { number: PhoneNumber }) {
  const t = useTranslations('numbers.form')
  const api = useApi()
  const queries = useQueryClient()
  const refusal = useWriteRefusal()
  const agents = useAgents(number)
  const refresh = useRefreshNumbers()
  const params = { phoneNumberId: number.id }
  const schema = useMemo(() => formSchema({ badNumber: t('badNumber') }), [t])
  // What others change meanwhile is not what was typed here, and is not sent back.
  const begun = useRef(valuesOf(number))
  const { form, submit, failure, messageOf, isSending } = useApiForm<NumberValues>(schema, {
    values: begun.current,
    async send(values) {
      const body = toChange(values, begun.current)
      const saved = await api(updatePhoneNumber, { params, body })
      queries.setQueryData(endpointKey(getPhoneNumber, { params }), saved)
      beginFrom(saved)
      toast(t('saved'))
      void refresh()
    },
  })
  const { control, register, formState } = form
  const beginFrom = (newest: PhoneNumber) => {
    begun.current = valuesOf(newest)
    form.reset(begun.current)
  }
  useFreshValues(number, formState.isDirty, beginFrom)
  return (
    <div className="min-w-0">
      <Form
        onSubmit={submit}
        failure={failure}
        label={t('label')}
        className="max-w-2xl [&_input]:scroll-mb-32 [&_textarea]:scroll-mb-32"
      >
        <fieldset disabled={refusal !== null} className="min-w-0 space-y-8">
          <legend className="sr-only">{t('label')}</legend>
          {refusal && <p className="text-soft">{refusal}</p>}
          <FormPart title={t('answering')}>
            <div className="grid gap-4 sm:grid-cols-2">
              <Field label={t('agent')} error={messageOf('agentId')}>
                {(given) => (
                  <Controller
                    control={control}
                    name="agentId"
                    render={({ field }) => (
                      // An empty value stands for no agent, which a browser's list cannot hold otherwise.
                      <Select
                        {...given}
                        {...field}
                        options={[{ value: '', label: t('noAgent') }, ...agents.choices]}
                      />
                    )}
                  />
                )}
              </Field>
              <Field
                label={t('lines')}
                hint={t('linesHint')}
                error={messageOf('maxConcurrentCalls')}
              >
                {(given) => (
                  <Input
                    {...given}
                    {...register('maxConcurrentCalls', { valueAsNumber: true })}
                    type="number"
                    min={1}
                    inputMode="numeric"
                  />
                )}
              </Field>
            </div>
            {agents.error && (
              <ErrorBox
                title={t('agentsFailed')}
                error={agents.error}
                onRetry={() => void agents.refetch()}
              />
            )}
            <Field
              label={t('labelField')}
              hint={t('labelHint')}
              error={messageOf('label')}
              isOptional
            >
              {(given) => <Input {...given} {...register('label')} autoComplete="off" />}
            </Field>
            <Controller
              control={control}
              name="route"
              render={({ field }) => <RouteField value={field.value} onChange={field.onChange} />}
            />
          </FormPart>
          <FormPart title={t('fallback')} hint={t('fallbackHint')}>
            <FallbackFields form={form} messageOf={messageOf} number={number} />
          </FormPart>
        </fieldset>
      </Form>
      <SaveBar
        isDirty={formState.isDirty}
        isSending={isSending}
        onSave={() => void submit()}
        onDiscard={() => beginFrom(number)}
      />
    </div>
  )
}

/** What others change meanwhile appears here too, as long as nobody types. */
function useFreshValues(
  number: PhoneNumber,
  isDirty: boolean,
  beginFrom: (newest: PhoneNumber) => void,
): void {
  const fresh = JSON.stringify(valuesOf(number))
  // biome-ignore lint/correctness/useExhaustiveDependencies: only news from the API resets; a form that is clean again keeps its values.
  useEffect(() => {
    if (!isDirty) beginFrom(number)
  }, [fresh])
}
