'use client'
import { useRouter } from 'next/navigation'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import { consentBases, machineRules, startCall } from '#contracts/calls'
import { ErrorBox } from '../../components/error-box.tsx'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input, Textarea } from '../../components/input.tsx'
import { RadioCards } from '../../components/radio-cards.tsx'
import { Select } from '../../components/select.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useApi } from '../../lib/api/use-endpoint.tsx'
import { toE164 } from '../../lib/format/e164.ts'
import { paths } from '../../lib/paths.ts'
import { useApiForm } from '../../lib/use-api-form.ts'
import { useCallRefusal } from '../../lib/use-call-refusal.ts'
import { CallCost } from './call-cost.tsx'
import { OutboundCheck, useOutboundCheck } from './outbound-check.tsx'
import { type Choices, useCallChoices } from './use-call-choices.ts'
import { useCallKey } from './use-call-key.ts'

/** Who calls, from which number, whom, and why that person may be called by an AI. */
export function StartCallDialog({ onClose }: { onClose(): void }) {
  const t = useTranslations('outbound')
  const choices = useCallChoices()
  if (choices.state === 'ready') return <Asking {...choices} onClose={onClose} />
  return (
    <FormDialog
      title={t('title')}
      action={t('action')}
      isSending={false}
      isBlocked
      failure={null}
      onSubmit={(event) => event.preventDefault()}
      onClose={onClose}
    >
      {choices.state === 'loading' && (
        <Skeleton label={t('loading')} className="space-y-3">
          <Bone className="h-8" />
          <Bone className="h-8" />
        </Skeleton>
      )}
      {choices.state === 'failed' && (
        <ErrorBox title={t('failed')} error={choices.error} onRetry={choices.retry} />
      )}
      {choices.state === 'missing' && <p>{t(`missing.${choices.what}`)}</p>}
    </FormDialog>
  )
}

function Asking({ agents, numbers, onClose }: Choices & { onClose(): void }) {
  const t = useTranslations('outbound')
  const router = useRouter()
  const api = useApi()
  const key = useCallKey()
  const refusal = useCallRefusal('agent')
  const { form, submit, failure, messageOf, isSending } = useApiForm(useSchema(), {
    values: {
      agentId: agents[0]?.value ?? '',
      fromPhoneNumberId: numbers[0]?.value ?? '',
      to: '',
      basis: 'written',
      obtainedOn: today(),
      note: '',
      onMachine: 'hang_up',
    },
    async send(typed) {
      const body = bodyOf(typed)
      const call = await key.send(body, (idempotencyKey) =>
        api(startCall, { body }, { idempotencyKey }),
      )
      router.push(paths.call(call.id))
      onClose()
    },
  })
  const { register, watch, setValue } = form
  const [agentId, fromPhoneNumberId, to] = watch(['agentId', 'fromPhoneNumberId', 'to'])
  const check = useOutboundCheck({ agentId, fromPhoneNumberId, to: toE164(to) })
  return (
    <FormDialog
      title={t('title')}
      hint={t('hint')}
      action={isSending ? t('sending') : t('action')}
      isSending={isSending}
      isBlocked={refusal !== null || check.data?.isAllowed === false}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
      isWide
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('agent')} error={messageOf('agentId')}>
          {(control) => <Select {...control} {...register('agentId')} options={agents} />}
        </Field>
        <Field label={t('from')} error={messageOf('fromPhoneNumberId')}>
          {(control) => (
            <Select {...control} {...register('fromPhoneNumberId')} options={numbers} />
          )}
        </Field>
      </div>
      <Field label={t('to')} hint={t('toHint')} error={messageOf('to')}>
        {(control) => (
          <Input {...control} {...register('to')} type="tel" autoComplete="off" inputMode="tel" />
        )}
      </Field>
      <OutboundCheck check={check} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('basis')} error={messageOf('basis')}>
          {(control) => (
            <Select
              {...control}
              {...register('basis')}
              options={consentBases.map((value) => ({ value, label: t(`bases.${value}`) }))}
            />
          )}
        </Field>
        <Field label={t('obtainedOn')} error={messageOf('obtainedOn')}>
          {(control) => (
            <Input {...control} {...register('obtainedOn')} type="date" max={today()} />
          )}
        </Field>
      </div>
      <Field label={t('note')} hint={t('noteHint')} error={messageOf('note')} isOptional>
        {(control) => <Textarea {...control} {...register('note')} rows={2} />}
      </Field>
      <RadioCards
        label={t('onMachine')}
        value={watch('onMachine')}
        options={machineRules.map((value) => ({
          value,
          label: t(`machine.${value}`),
          hint: t(`machineHint.${value}`),
        }))}
        onChange={(value) => setValue('onMachine', value)}
      />
      <CallCost refusal={refusal} />
    </FormDialog>
  )
}

type Typed = z.input<ReturnType<typeof useSchema>>

/** The contract's own rules, on what the fields hold: a number as people write it, and a day. */
function useSchema() {
  const t = useTranslations('outbound')
  return useMemo(() => {
    const { consent } = startCall.body.shape
    return z.object({
      agentId: z.uuid(),
      fromPhoneNumberId: z.uuid(),
      to: z.string().refine((typed) => toE164(typed) !== null, { error: t('badNumber') }),
      basis: z.enum(consentBases),
      obtainedOn: z
        .string()
        .refine((day) => /^\d{4}-\d\d-\d\d$/.test(day) && day <= today(), { error: t('badDay') }),
      note: consent.shape.note.unwrap(),
      onMachine: z.enum(machineRules),
    })
  }, [t])
}

/** A consent of today was given before now, so a day is meant from its beginning. */
const bodyOf = (typed: Typed): z.input<typeof startCall.body> => ({
  kind: 'agent',
  agentId: typed.agentId,
  fromPhoneNumberId: typed.fromPhoneNumberId,
  to: toE164(typed.to) ?? typed.to,
  consent: {
    basis: typed.basis,
    obtainedAt: new Date(`${typed.obtainedOn}T00:00:00`).toISOString(),
    note: typed.note,
  },
  onMachine: typed.onMachine,
})

/** The reader's own day, as a date field has it. */
const today = (): string => {
  const now = new Date()
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10)
}
