'use client'
import { useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import { createTopUp, getWallet, MAX_TOP_UP_CENTS, MIN_TOP_UP_CENTS } from '#contracts/wallet'
import { Checkbox } from '../../components/checkbox.tsx'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { useApi, useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { classes } from '../../lib/classes.ts'
import { parseMoney, typedMoney } from '../../lib/format/money.ts'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { useIdempotency } from '../../lib/use-idempotency.ts'
import { isWithin } from './amounts.ts'

const PRESETS_CENTS = [2_500, 5_000, 10_000, 25_000]
const USUAL_CENTS = 5_000

/** Asks how much, then leaves for the payment page. */
export function TopUpDialog(props: { leaveTo(url: string): void; onClose(): void }) {
  const t = useTranslations('wallet.topUpDialog')
  const format = useFormat()
  const api = useApi()
  const keyOf = useIdempotency()
  const currency = useEndpoint(getWallet, {}).data?.currency ?? 'usd'
  const money = (cents: number) => format.money(cents, { currency })
  const bounds = { minimum: money(MIN_TOP_UP_CENTS), maximum: money(MAX_TOP_UP_CENTS) }
  // The page stays for a moment after the answer, until the browser has the next one.
  const [isLeaving, setLeaving] = useState(false)
  const [isUnopened, setUnopened] = useState(false)
  const { form, submit, failure, messageOf, isSending } = useApiForm(
    useTyped(t('noAmount', bounds)),
    {
      values: { amount: typedMoney(USUAL_CENTS), saveCard: false },
      send: async ({ amount, saveCard }) => {
        setUnopened(false)
        const body = { amountCents: parseMoney(amount) ?? 0, saveCard }
        const topUp = await api(createTopUp, { body }, { idempotencyKey: keyOf(body) })
        if (!topUp.checkoutUrl) return setUnopened(true)
        setLeaving(true)
        props.leaveTo(topUp.checkoutUrl)
      },
    },
  )
  const isBusy = isSending || isLeaving
  return (
    <FormDialog
      title={t('title')}
      hint={t('hint')}
      action={isBusy ? t('opening') : t('action')}
      isSending={isBusy}
      failure={failure}
      onSubmit={submit}
      onClose={props.onClose}
    >
      <Presets
        chosenCents={parseMoney(form.watch('amount'))}
        money={(cents) => format.money(cents, { currency, hasCents: false })}
        onChoose={(cents) => form.setValue('amount', typedMoney(cents), { shouldValidate: true })}
      />
      <Field
        label={t('amount', { currency: currency.toUpperCase() })}
        hint={t('range', bounds)}
        error={messageOf('amount')}
      >
        {(control) => (
          <Input {...control} inputMode="decimal" autoComplete="off" {...form.register('amount')} />
        )}
      </Field>
      <Checkbox label={t('saveCard')} hint={t('saveCardHint')} {...form.register('saveCard')} />
      {isUnopened && (
        <p role="alert" className="text-bad">
          {t('notOpened')}
        </p>
      )}
    </FormDialog>
  )
}

function Presets(props: {
  chosenCents: number | null
  money(cents: number): string
  onChoose(cents: number): void
}) {
  const t = useTranslations('wallet.topUpDialog')
  return (
    <fieldset aria-label={t('presets')} className="grid grid-cols-4 gap-2">
      {PRESETS_CENTS.map((cents) => {
        const isChosen = cents === props.chosenCents
        return (
          <button
            key={cents}
            type="button"
            aria-pressed={isChosen}
            onClick={() => props.onChoose(cents)}
            className={classes(
              'h-10 rounded-control border font-medium tabular-nums',
              isChosen ? 'border-brand bg-brand/8' : 'border-edge hover:bg-ink/4',
            )}
          >
            {props.money(cents)}
          </button>
        )
      })}
    </fieldset>
  )
}

/** What is typed: money as text, within what the contract takes. */
const useTyped = (noAmount: string) =>
  useMemo(
    () =>
      z.object({
        amount: z.string().refine((text) => isWithin(text, MIN_TOP_UP_CENTS, MAX_TOP_UP_CENTS), {
          error: noAmount,
        }),
        saveCard: z.boolean(),
      }),
    [noAmount],
  )
