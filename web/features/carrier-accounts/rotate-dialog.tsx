'use client'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import { rotateCarrierToken } from '#contracts/carrier-accounts'
import { FormDialog } from '../../components/form-dialog.tsx'
import { toast } from '../../components/toast.tsx'
import { useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { type CarrierAccount, nameOf } from './carrier-account.ts'
import { TokenField, useTokenSchema } from './token-field.tsx'
import { useRefreshAccounts } from './use-refresh-accounts.ts'

/** Replaces a token once Twilio took the new one; until then the old one goes on. */
export function RotateDialog({ account, onClose }: { account: CarrierAccount; onClose(): void }) {
  const t = useTranslations('numbers.accounts.rotate')
  const api = useApi()
  const refresh = useRefreshAccounts()
  const authToken = useTokenSchema()
  const schema = useMemo(() => z.object({ authToken }), [authToken])
  const { form, submit, failure, messageOf, isSending } = useApiForm<{ authToken: string }>(
    schema,
    {
      values: { authToken: '' },
      async send(typed) {
        const body = { authToken: typed.authToken.trim() }
        await api(rotateCarrierToken, { params: { carrierAccountId: account.id }, body })
        toast(t('done', { name: nameOf(account) }))
        void refresh()
        onClose()
      },
    },
  )
  return (
    <FormDialog
      title={t('title', { name: nameOf(account) })}
      hint={t('hint', { lastFour: account.authTokenLastFour })}
      action={isSending ? t('asking') : t('action')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <TokenField error={messageOf('authToken')} register={() => form.register('authToken')} />
    </FormDialog>
  )
}
