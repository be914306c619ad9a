'use client'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { buyPhoneNumber } from '#contracts/phone-numbers'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { useApi } from '../../lib/api/use-endpoint.tsx'
import { toE164 } from '../../lib/format/e164.ts'
import { formatPhone } from '../../lib/format/phone.ts'
import { useOffers } from './use-offers.ts'
import { usePriceText } from './use-price-text.ts'

type Body = z.input<typeof buyPhoneNumber.body>

/** Says the price once more and asks for the number itself. Sent twice it is bought once. */
export function BuyDialog(props: {
  wanted: Omit<Body, 'confirmE164'>
  /** The key of this purchase, also where the question was closed and opened again. */
  keyOf(body: Body): string
  onBought(phoneNumberId: string): void
  onClose(): void
}) {
  const t = useTranslations('numbers.import.buy')
  const forms = useTranslations('common')
  const { wanted } = props
  const api = useApi()
  const priceText = usePriceText()
  const { offers } = useOffers(wanted.carrierAccountId ?? null, { isEnabled: true })
  const [typed, setTyped] = useState('')
  const [isSending, setSending] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const buy = async () => {
    setSending(true)
    setFailure(null)
    const body = { ...wanted, confirmE164: wanted.e164 }
    try {
      props.onBought(
        (await api(buyPhoneNumber, { body }, { idempotencyKey: props.keyOf(body) })).id,
      )
    } catch (error) {
      setFailure(error)
      setSending(false)
    }
  }
  return (
    <FormDialog
      title={t('title', { phone: formatPhone(wanted.e164) })}
      {...(offers.data && { hint: priceText(offers.data) })}
      action={isSending ? t('buying') : t('action')}
      isSending={isSending}
      isBlocked={toE164(typed) !== wanted.e164}
      failure={failure}
      onSubmit={(event) => {
        event.preventDefault()
        // Enter in the field reaches here, too, whatever the button says.
        if (!isSending && toE164(typed) === wanted.e164) void buy()
      }}
      onClose={props.onClose}
    >
      <p>{t('effect')}</p>
      <Field label={forms('typeName', { name: wanted.e164 })}>
        {(control) => (
          <Input
            {...control}
            type="tel"
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
    </FormDialog>
  )
}
