'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { createApiKey, listApiKeys } from '#contracts/api-keys'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { SecretOnce } from '../../components/secret-once.tsx'
import { Select } from '../../components/select.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { PermissionPicker } from './permission-picker.tsx'

const DAY_MS = 86_400_000
const lifetimes = ['30', '90', '365', 'never'] as const

/** Makes a key; afterwards the same dialog shows its secret, once. */
export function CreateKey({ onClose }: { onClose(): void }) {
  const [secret, setSecret] = useState<string | null>(null)
  return secret ? (
    <Created secret={secret} onClose={onClose} />
  ) : (
    <KeyForm onCreated={setSecret} onClose={onClose} />
  )
}

function KeyForm(props: { onCreated(secret: string): void; onClose(): void }) {
  const t = useTranslations('settings.createKey')
  const api = useApi()
  const queries = useQueryClient()
  const [lifetime, setLifetime] = useState<(typeof lifetimes)[number]>('90')
  const { form, submit, failure, messageOf, isSending } = useApiForm(createApiKey.body, {
    values: { name: '', permissions: [] },
    async send(values) {
      const body = { ...values, expiresAt: expiryOf(lifetime) }
      const made = await api(createApiKey, { body })
      void queries.invalidateQueries({ queryKey: endpointKey(listApiKeys) })
      props.onCreated(made.secret)
    },
  })
  return (
    <FormDialog
      title={t('title')}
      action={t('action')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={props.onClose}
      isWide
    >
      <Field label={t('name')} hint={t('nameHint')} error={messageOf('name')}>
        {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
      </Field>
      <Field label={t('lifetime')}>
        {(control) => (
          <Select
            {...control}
            value={lifetime}
            onChange={(event) =>
              setLifetime(lifetimes.find((each) => each === event.target.value) ?? '90')
            }
            options={lifetimes.map((value) => ({ value, label: t(`lifetimes.${value}`) }))}
          />
        )}
      </Field>
      <PermissionPicker
        chosen={form.watch('permissions')}
        error={messageOf('permissions')}
        onChange={(permissions) =>
          form.setValue('permissions', permissions, {
            shouldValidate: form.formState.isSubmitted,
          })
        }
      />
    </FormDialog>
  )
}

function Created({ secret, onClose }: { secret: string; onClose(): void }) {
  const t = useTranslations('settings.createKey')
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('created')}
      isWide
      actions={
        <Button kind="primary" onClick={onClose}>
          {t('kept')}
        </Button>
      }
    >
      <SecretOnce label={t('secret')} secret={secret} className="mt-4" />
      <p className="mt-3 text-soft">
        {t.rich('use', { code: (text) => <code className="text-ink text-xs">{text}</code> })}
      </p>
    </Dialog>
  )
}

const expiryOf = (lifetime: (typeof lifetimes)[number]): string | null =>
  lifetime === 'never' ? null : new Date(Date.now() + Number(lifetime) * DAY_MS).toISOString()
