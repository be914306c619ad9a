'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import { correctCall, listFindings } from '#contracts/reconciliation'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { RadioCards } from '../../components/radio-cards.tsx'
import { ReasonField } from '../../components/reason-field.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { parseMoney } from '../../lib/format/money.ts'
import { useApiForm } from '../../lib/use-api-form.ts'
import { isKeyUsed, usePosting } from '../../lib/use-posting.ts'
import type { Finding } from './findings.tsx'

const MAX_CENTS = 10_000_000 // As the contract has it.
const decisions = ['accept', 'giveBack', 'take'] as const

/** Closes what was found about a call: as it is, or with money given back or taken for it. */
export function CorrectDialog(props: { finding: Finding; onClose(): void }) {
  const { finding, onClose } = props
  const t = useTranslations('platform.reconciliation')
  const api = useApi()
  const post = usePosting()
  const queries = useQueryClient()
  const { form, submit, failure, messageOf, isSending } = useApiForm(useTyped(), {
    values: { decision: 'accept', amount: '', note: '' },
    send: async ({ decision, amount, note }) => {
      const cents = decision === 'accept' ? 0 : (parseMoney(amount) ?? 0)
      const amountCents = decision === 'take' ? -cents : cents
      const { organizationId, callId } = finding
      await post((requestId) =>
        api(
          correctCall,
          { params: { organizationId, callId }, body: { requestId, amountCents, note } },
          { idempotencyKey: requestId },
        ),
      )
      toast(t('corrected'))
      onClose()
      await queries.invalidateQueries({ queryKey: endpointKey(listFindings) })
    },
  })
  const decision = form.watch('decision')
  return (
    <FormDialog
      title={t('correctTitle', { kind: t(`kinds.${finding.kind}`) })}
      hint={t('correctHint', { organization: finding.organizationName })}
      action={t('correct')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <RadioCards
        label={t('decision')}
        value={decision}
        options={decisions.map((value) => ({ value, label: t(`decisions.${value}`) }))}
        onChange={(value) => form.setValue('decision', value)}
      />
      {decision !== 'accept' && (
        <Field label={t('amount')} error={messageOf('amount')}>
          {(control) => (
            <Input
              {...control}
              inputMode="decimal"
              autoComplete="off"
              {...form.register('amount')}
            />
          )}
        </Field>
      )}
      <ReasonField error={messageOf('note')} register={() => form.register('note')} />
      {isKeyUsed(failure) && <p className="text-warn">{t('maybePosted')}</p>}
    </FormDialog>
  )
}

function useTyped() {
  const t = useTranslations('platform.reconciliation')
  return useMemo(
    () =>
      z
        .object({
          decision: z.enum(decisions),
          amount: z.string(),
          note: correctCall.body.shape.note,
        })
        .refine(({ decision, amount }) => decision === 'accept' || isAmount(amount), {
          path: ['amount'],
          error: t('noAmount'),
        }),
    [t],
  )
}

const isAmount = (text: string): boolean => {
  const cents = parseMoney(text)
  return cents !== null && cents > 0 && cents <= MAX_CENTS
}
