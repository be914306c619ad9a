'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import { changeOutboundRules, getOutboundRules, type outboundRules } from '#contracts/calls'
import { Button } from '../../components/button.tsx'
import { Checkbox } from '../../components/checkbox.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { Field } from '../../components/field.tsx'
import { Form } from '../../components/form.tsx'
import { Input } from '../../components/input.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi, useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'

type Rules = z.output<typeof outboundRules>

/** When and how much the organization calls out: narrower than the platform's rules, never wider. */
export function OutboundRulesForm() {
  const t = useTranslations('outbound.rules')
  const { data, error, refetch } = useEndpoint(getOutboundRules, {})
  if (data) return <Editing rules={data} />
  if (error) return <ErrorBox title={t('failed')} error={error} onRetry={() => void refetch()} />
  return (
    <Skeleton label={t('loading')} className="max-w-2xl space-y-3">
      <Bone className="h-8" />
      <Bone className="h-8" />
    </Skeleton>
  )
}

const weekdays = [1, 2, 3, 4, 5, 6, 7] as const
// A Monday: what counts is the day of the week, in any zone.
const MONDAY_MS = Date.UTC(2026, 0, 5, 12)
const DAY_MS = 86_400_000

function Editing({ rules }: { rules: Rules }) {
  const t = useTranslations('outbound.rules')
  const format = useFormat()
  const api = useApi()
  const queries = useQueryClient()
  const refusal = useWriteRefusal()
  const { form, submit, failure, messageOf, isSending } = useApiForm(useSchema(), {
    values: typedOf(rules),
    async send(typed) {
      const saved = await api(changeOutboundRules, { body: bodyOf(typed) })
      queries.setQueryData(endpointKey(getOutboundRules, {}), saved)
      form.reset(typedOf(saved))
      toast(t('saved'))
    },
  })
  const { register } = form
  return (
    <section aria-labelledby="outbound-rules" className="max-w-2xl">
      <h2 id="outbound-rules" className="font-medium">
        {t('title')}
      </h2>
      <p className="mb-3 text-soft">{t('hint')}</p>
      <Form onSubmit={submit} failure={failure} label={t('title')}>
        <fieldset disabled={refusal !== null} className="space-y-4">
          <legend className="sr-only">{t('title')}</legend>
          {refusal && <p className="text-soft">{refusal}</p>}
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t('opens')} error={messageOf('opens')}>
              {(control) => <Input {...control} {...register('opens')} type="time" step={300} />}
            </Field>
            <Field label={t('closes')} error={messageOf('closes')}>
              {(control) => <Input {...control} {...register('closes')} type="time" step={300} />}
            </Field>
          </div>
          <fieldset>
            <legend className="mb-1 font-medium">{t('weekdays')}</legend>
            <div className="flex flex-wrap gap-x-4 gap-y-1">
              {weekdays.map((day) => (
                <Checkbox
                  key={day}
                  value={String(day)}
                  label={format.weekday(new Date(MONDAY_MS + (day - 1) * DAY_MS))}
                  {...register('weekdays')}
                />
              ))}
            </div>
            {messageOf('weekdays') && (
              <p className="mt-1 text-bad text-xs">{messageOf('weekdays')}</p>
            )}
          </fieldset>
          <Field
            label={t('dailyMinutes')}
            hint={t('dailyMinutesHint', { most: format.number(rules.platformDailyMinutes) })}
            error={messageOf('dailyMinutes')}
            isOptional
          >
            {(control) => <Input {...control} {...register('dailyMinutes')} inputMode="numeric" />}
          </Field>
          <Button type="submit" kind="primary" disabled={isSending || !form.formState.isDirty}>
            {t('save')}
          </Button>
        </fieldset>
      </Form>
    </section>
  )
}

type Typed = { opens: string; closes: string; weekdays: string[]; dailyMinutes: string }

const typedOf = (rules: Rules): Typed => ({
  opens: clock(rules.opensAtMinute),
  closes: clock(rules.closesAtMinute),
  weekdays: rules.weekdays.map(String),
  dailyMinutes: rules.dailyMinutes === null ? '' : String(rules.dailyMinutes),
})

const bodyOf = (typed: Typed) => ({
  opensAtMinute: minuteOf(typed.opens),
  closesAtMinute: minuteOf(typed.closes),
  weekdays: typed.weekdays.map(Number),
  dailyMinutes: typed.dailyMinutes.trim() === '' ? null : Number(typed.dailyMinutes),
})

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

const minuteOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

const EARLIEST = '08:00'
const LATEST = '21:00'

function useSchema() {
  const t = useTranslations('outbound.rules')
  return useMemo(() => {
    const isTime = (typed: string) => /^\d\d:\d\d$/.test(typed)
    const within = z
      .string()
      .refine((typed) => isTime(typed) && typed >= EARLIEST && typed <= LATEST, {
        error: t('outside'),
      })
    return z
      .object({
        opens: within,
        closes: within,
        weekdays: z.array(z.string()).min(1, { error: t('noDay') }),
        dailyMinutes: z.string().refine((typed) => /^\s*\d{0,6}\s*$/.test(typed), {
          error: t('noMinutes'),
        }),
      })
      .refine(({ opens, closes }) => opens < closes, { error: t('backwards'), path: ['closes'] })
  }, [t])
}
