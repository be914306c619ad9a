'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import { getOrganizationDetail } from '#contracts/organizations'
import { adjustWallet, getOrganizationWallet, grantFunds, type wallet } from '#contracts/wallet'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { ReasonField } from '../../components/reason-field.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { parseMoney } from '../../lib/format/money.ts'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { isKeyUsed, usePosting } from '../../lib/use-posting.ts'
import type { Direction } from './office-wallet.tsx'

const MAX_CENTS = 100_000_000 // As the contract has it.

/** Credit, debit or grant: the amount, the balance it leads to, and why. */
export function AdjustDialog(props: {
  organizationId: string
  wallet: z.output<typeof wallet>
  direction: Direction
  onClose(): void
}) {
  const { organizationId, direction, onClose } = props
  const t = useTranslations('platform.wallet')
  const format = useFormat()
  const queries = useQueryClient()
  const send = useAdjust(organizationId)
  const money = (cents: number) => format.money(cents, { currency: props.wallet.currency })
  const { form, submit, failure, messageOf, isSending } = useApiForm(useTyped(), {
    values: { amount: '', note: '' },
    send: async ({ amount, note }) => {
      const cents = parseMoney(amount) ?? 0
      await send(direction, { cents, note })
      toast(t(`${direction}.done`, { amount: money(cents) }))
      onClose()
      await Promise.all([
        queries.invalidateQueries({ queryKey: endpointKey(getOrganizationWallet) }),
        queries.invalidateQueries({ queryKey: endpointKey(getOrganizationDetail) }),
      ])
    },
  })
  const cents = parseMoney(form.watch('amount'))
  const after = props.wallet.balanceCents + (direction === 'debit' ? -1 : 1) * (cents ?? 0)
  const isShort = direction === 'debit' && (cents ?? 0) > props.wallet.availableCents
  return (
    <FormDialog
      title={t(`${direction}.title`)}
      hint={t(`${direction}.effect`)}
      action={t(`${direction}.action`)}
      kind={direction === 'debit' ? 'danger' : 'primary'}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={t('amount', { currency: props.wallet.currency.toUpperCase() })}
        error={messageOf('amount')}
      >
        {(control) => (
          <Input
            {...control}
            inputMode="decimal"
            autoComplete="off"
            placeholder="0.00"
            {...form.register('amount')}
          />
        )}
      </Field>
      <p role="status" className="rounded-control bg-ink/4 px-3 py-2 tabular-nums">
        {t('preview', { before: money(props.wallet.balanceCents), after: money(after) })}
        {isShort && (
          <span className="block text-warn text-xs">
            {t('short', { available: money(props.wallet.availableCents) })}
          </span>
        )}
      </p>
      <ReasonField error={messageOf('note')} register={() => form.register('note')} />
      {isKeyUsed(failure) && <p className="text-warn">{t('maybePosted')}</p>}
    </FormDialog>
  )
}

/** What is typed: money as text, and the note as the contract has it. */
function useTyped() {
  const t = useTranslations('platform.wallet')
  return useMemo(
    () =>
      z.object({
        amount: z.string().refine(isAmount, { error: t('noAmount') }),
        note: adjustWallet.body.shape.note,
      }),
    [t],
  )
}

const isAmount = (text: string): boolean => {
  const cents = parseMoney(text)
  return cents !== null && cents > 0 && cents <= MAX_CENTS
}

/** Sends an adjustment or grant, once. */
function useAdjust(organizationId: string) {
  const api = useApi()
  const post = usePosting()
  return (direction: Direction, { cents, note }: { cents: number; note: string }) =>
    post((requestId) => {
      const params = { organizationId }
      const key = { idempotencyKey: requestId }
      if (direction === 'grant') {
        const body = { requestId, amountCents: cents, reason: note }
        return api(grantFunds, { params, body }, key)
      }
      const amountCents = direction === 'credit' ? cents : -cents
      return api(adjustWallet, { params, body: { requestId, amountCents, note } }, key)
    })
}
