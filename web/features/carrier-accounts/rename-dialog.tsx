'use client'
import { useTranslations } from 'use-intl'
import { renameCarrierAccount } from '#contracts/carrier-accounts'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { type CarrierAccount, nameOf } from './carrier-account.ts'
import { useRefreshAccounts } from './use-refresh-accounts.ts'

/** Another label; an empty one shows the SID again. */
export function RenameDialog({ account, onClose }: { account: CarrierAccount; onClose(): void }) {
  const t = useTranslations('numbers.accounts.rename')
  const api = useApi()
  const refresh = useRefreshAccounts()
  const { form, submit, failure, messageOf, isSending } = useApiForm(renameCarrierAccount.body, {
    values: { label: account.label },
    async send(body) {
      await api(renameCarrierAccount, { params: { carrierAccountId: account.id }, body })
      void refresh()
      onClose()
    },
  })
  return (
    <FormDialog
      title={t('title', { name: nameOf(account) })}
      action={t('action')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={t('label')} error={messageOf('label')}>
        {(control) => <Input {...control} {...form.register('label')} autoComplete="off" />}
      </Field>
    </FormDialog>
  )
}
