'use client'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { z } from 'zod'
import { connectCarrierAccount } from '#contracts/carrier-accounts'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { toast } from '../../components/toast.tsx'
import { useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { TokenField, useTokenSchema } from './token-field.tsx'
import { useRefreshAccounts } from './use-refresh-accounts.ts'

/** Asks for SID and token of a Twilio account; Twilio is asked before anything is kept. */
export function ConnectDialog(props: {
  onConnected(carrierAccountId: string): void
  onClose(): void
}) {
  const t = useTranslations('numbers.accounts.connect')
  const api = useApi()
  const refresh = useRefreshAccounts()
  const authToken = useTokenSchema()
  const schema = useMemo(
    () =>
      z.object({
        twilioAccountSid: z.string().regex(/^\s*AC[0-9a-fA-F]{32}\s*$/, t('badSid')),
        authToken,
        label: connectCarrierAccount.body.shape.label.unwrap(),
      }),
    [t, authToken],
  )
  const { form, submit, failure, messageOf, isSending } = useApiForm<Typed>(schema, {
    values: { twilioAccountSid: '', authToken: '', label: '' },
    async send(typed) {
      // What is copied from Twilio's page often brings a space along.
      const body = {
        label: typed.label,
        twilioAccountSid: typed.twilioAccountSid.trim(),
        authToken: typed.authToken.trim(),
      }
      const { id } = await api(connectCarrierAccount, { body })
      toast(t('done'))
      // The next step looks the account up, so it has to be in the list by then.
      await refresh()
      props.onConnected(id)
      props.onClose()
    },
  })
  return (
    <FormDialog
      title={t('title')}
      hint={t('hint')}
      action={isSending ? t('asking') : t('action')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={props.onClose}
      isWide
    >
      <Field label={t('sid')} hint={t('sidHint')} error={messageOf('twilioAccountSid')}>
        {(control) => (
          <Input
            {...control}
            {...form.register('twilioAccountSid')}
            autoComplete="off"
            spellCheck={false}
            placeholder="AC…"
          />
        )}
      </Field>
      <TokenField error={messageOf('authToken')} register={() => form.register('authToken')} />
      <Field label={t('label')} hint={t('labelHint')} error={messageOf('label')} isOptional>
        {(control) => <Input {...control} {...form.register('label')} autoComplete="off" />}
      </Field>
    </FormDialog>
  )
}

type Typed = { twilioAccountSid: string; authToken: string; label: string }
