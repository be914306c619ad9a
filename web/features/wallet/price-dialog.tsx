'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import { getOrganizationDetail } from '#contracts/organizations'
import {
  changeOrganizationPrice,
  changePrice,
  listOrganizationPrices,
  listPrices,
} from '#contracts/wallet'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { RadioCards } from '../../components/radio-cards.tsx'
import { ReasonField } from '../../components/reason-field.tsx'
import { toast } from '../../components/toast.tsx'
import { WhenField } from '../../components/when-field.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { parseMoney, typedMoney } from '../../lib/format/money.ts'
import { fromLocalMoment, isToCome } from '../../lib/local-moment.ts'
import { useApiForm } from '../../lib/use-api-form.ts'

const MAX_PRICE_CENTS = 10_000_000 // As the contract has it.

/** Another price for an hour: everybody's or, with an id, one organization's own. */
export function PriceDialog(props: {
  organizationId?: string
  now: { pricePerHourCents: number; mockPricePercent: number }
  onClose(): void
}) {
  const { organizationId, onClose } = props
  const t = useTranslations('platform.prices')
  const send = useChange(organizationId)
  const { form, submit, failure, messageOf, isSending } = useApiForm(useTyped(), {
    values: {
      kind: 'own' as const,
      price: typedMoney(props.now.pricePerHourCents),
      mockPricePercent: props.now.mockPricePercent,
      from: '',
      reason: '',
    },
    send: async (typed) => {
      await send(typed)
      toast(t('done'))
      onClose()
    },
  })
  const kind = form.watch('kind')
  return (
    <FormDialog
      title={organizationId ? t('changeOwn') : t('change')}
      hint={t('effect')}
      action={t('action')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      {organizationId && (
        <RadioCards
          label={t('kind')}
          value={kind}
          options={[
            { value: 'own', label: t('kinds.own') },
            { value: 'usual', label: t('kinds.usual'), hint: t('kinds.usualHint') },
          ]}
          onChange={(chosen) => form.setValue('kind', chosen)}
        />
      )}
      {kind === 'own' && (
        <Field label={t('perHour')} error={messageOf('price')}>
          {(control) => (
            <Input
              {...control}
              inputMode="decimal"
              autoComplete="off"
              {...form.register('price')}
            />
          )}
        </Field>
      )}
      <Field label={t('mock')} hint={t('mockHint')} error={messageOf('mockPricePercent')}>
        {(control) => (
          <Input
            {...control}
            type="number"
            inputMode="numeric"
            {...form.register('mockPricePercent', { valueAsNumber: true })}
          />
        )}
      </Field>
      <WhenField error={messageOf('from')} register={() => form.register('from')} />
      <ReasonField error={messageOf('reason')} register={() => form.register('reason')} />
    </FormDialog>
  )
}

type Typed = z.input<ReturnType<typeof useTyped>>

/** What is typed: money and moments as text, the rest as the contract has it. */
function useTyped() {
  const t = useTranslations('platform.prices')
  const tWhen = useTranslations('when')
  return useMemo(() => {
    const { mockPricePercent, reason } = changePrice.body.shape
    return z.object({
      kind: z.enum(['own', 'usual']),
      price: z.string().refine(isPrice, { error: t('noPrice') }),
      mockPricePercent,
      from: z.string().refine((text) => isToCome(text), { error: tWhen('past') }),
      reason,
    })
  }, [t, tWhen])
}

const isPrice = (text: string): boolean => {
  const cents = parseMoney(text)
  return cents !== null && cents <= MAX_PRICE_CENTS
}

function useChange(organizationId: string | undefined) {
  const api = useApi()
  const queries = useQueryClient()
  return async ({ kind, price, from, mockPricePercent, reason }: Typed) => {
    const pricePerHourCents = parseMoney(price) ?? 0
    const effectiveFrom = fromLocalMoment(from)
    const shared = { mockPricePercent, reason, ...(effectiveFrom && { effectiveFrom }) }
    if (organizationId) {
      await api(changeOrganizationPrice, {
        params: { organizationId },
        body: { ...shared, pricePerHourCents: kind === 'usual' ? null : pricePerHourCents },
      })
    } else {
      await api(changePrice, { body: { ...shared, pricePerHourCents } })
    }
    await Promise.all(
      [listPrices, listOrganizationPrices, getOrganizationDetail].map((changed) =>
        queries.invalidateQueries({ queryKey: endpointKey(changed) }),
      ),
    )
  }
}
