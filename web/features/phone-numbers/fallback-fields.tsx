'use client'
import { Controller, type FieldPath, type UseFormReturn } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { fallbackKinds } from '#contracts/phone-numbers'
import { Field } from '../../components/field.tsx'
import { Input, Textarea } from '../../components/input.tsx'
import { RadioCards } from '../../components/radio-cards.tsx'
import { FallbackPreview } from './fallback-preview.tsx'
import { fallbackOf, isSpoken, type NumberValues } from './number-values.ts'
import type { PhoneNumber } from './phone-number.ts'

/** What happens where no call can be taken, and how that sounds to a caller. */
export function FallbackFields(props: {
  form: UseFormReturn<NumberValues>
  messageOf(name: FieldPath<NumberValues>): string | undefined
  number: PhoneNumber
}) {
  const t = useTranslations('numbers.fallback')
  const { form, messageOf } = props
  const { control, register, watch } = form
  const fallback = watch('fallback')
  // Forwarded minutes are paid by the account that holds the number, so only an own one forwards.
  const mayForward = props.number.carrierAccountId !== null || fallback.kind === 'forward'
  const kinds = fallbackKinds.filter((kind) => kind !== 'forward' || mayForward)
  return (
    <>
      <Controller
        control={control}
        name="fallback.kind"
        render={({ field }) => (
          <RadioCards
            label={t('label')}
            value={field.value}
            options={kinds.map((value) => ({
              value,
              label: t(`kinds.${value}.name`),
              hint: t(`kinds.${value}.hint`),
            }))}
            onChange={field.onChange}
          />
        )}
      />
      {watch('route') === 'native' && <p className="text-soft text-xs">{t('native')}</p>}
      {!mayForward && <p className="text-soft text-xs">{t('noForward')}</p>}
      {isSpoken(fallback.kind) && (
        <Field label={t('text')} hint={t('textHint')} error={messageOf('fallback.text')}>
          {(given) => <Textarea {...given} {...register('fallback.text')} rows={3} />}
        </Field>
      )}
      {fallback.kind === 'forward' && (
        <Field label={t('to')} hint={t('toHint')} error={messageOf('fallback.to')}>
          {(given) => (
            <Input
              {...given}
              {...register('fallback.to')}
              type="tel"
              autoComplete="off"
              placeholder="+1 415 555 0134"
            />
          )}
        </Field>
      )}
      <FallbackPreview fallback={fallbackOf(fallback)} />
    </>
  )
}
