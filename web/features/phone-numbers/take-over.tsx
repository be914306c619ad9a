'use client'
import { useRouter } from 'next/navigation'
import { parseAsString, useQueryState } from 'nuqs'
import { lazy, Suspense, useState } from 'react'
import { Controller } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { importPhoneNumber } from '#contracts/phone-numbers'
import { Field } from '../../components/field.tsx'
import { Form } from '../../components/form.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { Input } from '../../components/input.tsx'
import { Select } from '../../components/select.tsx'
import { useApi } from '../../lib/api/use-endpoint.tsx'
import { formatPhone } from '../../lib/format/phone.ts'
import { paths } from '../../lib/paths.ts'
import { useApiForm } from '../../lib/use-api-form.ts'
import { useIdempotency } from '../../lib/use-idempotency.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { wantedSchema } from './number-values.ts'
import { RouteField } from './route-field.tsx'
import { useAgents } from './use-agents.ts'
import { useRefreshNumbers } from './use-refresh-numbers.ts'

const BuyDialog = lazy(() =>
  import('./buy-dialog.tsx').then((file) => ({ default: file.BuyDialog })),
)

type Wanted = { label: string; agentId: string; route: 'gateway' | 'registered' | 'native' }

/** The last step: who answers; an own number is then taken over, another one bought after its price was agreed to. */
export function TakeOver(props: { e164: string; accountId: string | null; isPurchase: boolean }) {
  const t = useTranslations('numbers.import.answers')
  const labels = useTranslations('numbers.form')
  const { e164, accountId, isPurchase } = props
  const router = useRouter()
  const api = useApi()
  const keyOf = useIdempotency()
  const refusal = useWriteRefusal()
  const refresh = useRefreshNumbers()
  const [wishedAgentId] = useQueryState('agent', parseAsString.withDefault(''))
  const agents = useAgents()
  const [agreed, setAgreed] = useState<Wanted | null>(null)
  const [isLeaving, setLeaving] = useState(false)
  const leave = (phoneNumberId: string) => {
    setLeaving(true)
    void refresh()
    router.push(paths.number(phoneNumberId))
  }
  const { form, submit, failure, messageOf, isSending } = useApiForm<Wanted>(wantedSchema, {
    values: { label: '', agentId: wishedAgentId, route: 'gateway' },
    async send(wanted) {
      if (isPurchase || !accountId) return setAgreed(wanted)
      const body = { ...wanted, agentId: wanted.agentId || null, e164, carrierAccountId: accountId }
      const made = await api(importPhoneNumber, { body }, { idempotencyKey: keyOf(body) })
      leave(made.id)
    },
  })
  const phone = formatPhone(e164)
  return (
    <>
      <Form onSubmit={submit} failure={failure} label={t('title')}>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={labels('agent')} hint={t('agentHint')} error={messageOf('agentId')}>
            {(control) => (
              <Controller
                control={form.control}
                name="agentId"
                render={({ field }) => (
                  <Select
                    {...control}
                    {...field}
                    options={[{ value: '', label: labels('noAgent') }, ...agents.choices]}
                  />
                )}
              />
            )}
          </Field>
          <Field
            label={labels('labelField')}
            hint={labels('labelHint')}
            error={messageOf('label')}
            isOptional
          >
            {(control) => <Input {...control} {...form.register('label')} autoComplete="off" />}
          </Field>
        </div>
        <Controller
          control={form.control}
          name="route"
          render={({ field }) => <RouteField value={field.value} onChange={field.onChange} />}
        />
        <GuardedButton
          type="submit"
          kind="primary"
          refusal={refusal}
          disabled={isSending || isLeaving}
        >
          {isPurchase ? t('buy', { phone }) : t('import', { phone })}
        </GuardedButton>
      </Form>
      {agreed && (
        <Suspense fallback={null}>
          <BuyDialog
            wanted={{
              ...agreed,
              agentId: agreed.agentId || null,
              e164,
              carrierAccountId: accountId,
            }}
            keyOf={keyOf}
            onBought={leave}
            onClose={() => setAgreed(null)}
          />
        </Suspense>
      )}
    </>
  )
}
