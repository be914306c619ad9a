'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import {
  changeAutoRecharge,
  getAutoRecharge,
  MAX_TOP_UP_CENTS,
  MIN_TOP_UP_CENTS,
} from '#contracts/wallet'
import { Checkbox } from '../../components/checkbox.tsx'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { parseMoney, typedMoney } from '../../lib/format/money.ts'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { isWithin } from './amounts.ts'
import type { Recharge } from './auto-recharge.tsx'

const MAX_CAP_CENTS = 10_000_000 // As the contract has it.

/** Switches automatic top-ups on or off and sets their bounds. */
export function RechargeDialog(props: { recharge: Recharge; currency: string; onClose(): void }) {
  const { recharge, onClose } = props
  const t = useTranslations('wallet.auto')
  const api = useApi()
  const queries = useQueryClient()
  const currency = props.currency.toUpperCase()
  const { form, submit, failure, messageOf, isSending } = useApiForm(useTyped(props.currency), {
    values: {
      // Who opens this for the first time wants it on.
      enabled: true,
      threshold: typedMoney(recharge.thresholdCents),
      amount: typedMoney(recharge.amountCents),
      cap: typedMoney(recharge.monthlyCapCents),
    },
    send: async ({ enabled, threshold, amount, cap }) => {
      const body = {
        enabled,
        thresholdCents: parseMoney(threshold) ?? 0,
        amountCents: parseMoney(amount) ?? 0,
        monthlyCapCents: parseMoney(cap) ?? 0,
      }
      queries.setQueryData(
        endpointKey(getAutoRecharge, {}),
        await api(changeAutoRecharge, { body }),
      )
      toast(t('saved'))
      onClose()
    },
  })
  const amounts = [
    { name: 'threshold', label: t('threshold', { currency }) },
    { name: 'amount', label: t('amount', { currency }) },
    { name: 'cap', label: t('cap', { currency }), hint: t('capHint') },
  ] as const
  return (
    <FormDialog
      title={t('dialogTitle')}
      action={t('save')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <Checkbox label={t('enabled')} {...form.register('enabled')} />
      {amounts.map(({ name, label, ...rest }) => (
        <Field key={name} label={label} {...rest} error={messageOf(name)}>
          {(control) => (
            <Input {...control} inputMode="decimal" autoComplete="off" {...form.register(name)} />
          )}
        </Field>
      ))}
    </FormDialog>
  )
}

/** What is typed: money as text, within what the contract takes; a bound below one top-up would never let it happen. */
function useTyped(currency: string) {
  const t = useTranslations('wallet.auto')
  const format = useFormat()
  return useMemo(() => {
    const between = (minimumCents: number, maximumCents: number) => {
      const minimum = format.money(minimumCents, { currency })
      const maximum = format.money(maximumCents, { currency })
      return z.string().refine((text) => isWithin(text, minimumCents, maximumCents), {
        error: t('noAmount', { minimum, maximum }),
      })
    }
    return z
      .object({
        enabled: z.boolean(),
        threshold: between(0, MAX_TOP_UP_CENTS),
        amount: between(MIN_TOP_UP_CENTS, MAX_TOP_UP_CENTS),
        cap: between(0, MAX_CAP_CENTS),
      })
      .refine(
        ({ enabled, amount, cap }) =>
          !enabled || (parseMoney(cap) ?? 0) >= (parseMoney(amount) ?? 0),
        { path: ['cap'], error: t('capTooLow') },
      )
  }, [t, format, currency])
}
