'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import {
  createWebhookEndpoint,
  listWebhookEndpoints,
  updateWebhookEndpoint,
  webhookEvents,
} from '#contracts/outgoing-webhooks'
import { Checkbox } from '../../components/checkbox.tsx'
import { Field } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Input } from '../../components/input.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import { SecretDialog } from './secret-dialog.tsx'
import type { WebhookEndpoint } from './webhooks-tab.tsx'

type WebhookEvent = (typeof webhookEvents)[number]

/** An address and what it hears of; for a new one the signing secret follows, once. */
export function EndpointDialog(props: { endpoint: WebhookEndpoint | null; onClose(): void }) {
  const t = useTranslations('settings.webhooks.dialog')
  const { endpoint, onClose } = props
  const api = useApi()
  const queries = useQueryClient()
  const [secret, setSecret] = useState<string | null>(null)
  const { form, submit, failure, messageOf, isSending } = useApiForm(createWebhookEndpoint.body, {
    values: { url: endpoint?.url ?? '', events: endpoint?.events ?? ['call.ended'] },
    async send(body) {
      if (endpoint) {
        await api(updateWebhookEndpoint, { params: { endpointId: endpoint.id }, body })
        toast(t('saved'))
        onClose()
      } else {
        const made = await api(createWebhookEndpoint, { body })
        setSecret(made.secret)
      }
      void queries.invalidateQueries({ queryKey: endpointKey(listWebhookEndpoints) })
    },
  })
  if (secret) return <SecretDialog title={t('created')} secret={secret} onClose={onClose} />
  const chosen = form.watch('events')
  const toggle = (event: WebhookEvent) =>
    form.setValue(
      'events',
      chosen.includes(event) ? chosen.filter((each) => each !== event) : [...chosen, event],
      { shouldValidate: form.formState.isSubmitted },
    )
  return (
    <FormDialog
      title={endpoint ? t('editTitle') : t('addTitle')}
      action={endpoint ? t('save') : t('add')}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
      isWide
    >
      <Field label={t('url')} hint={t('urlHint')} error={messageOf('url')}>
        {(control) => (
          <Input
            {...control}
            {...form.register('url')}
            type="url"
            inputMode="url"
            autoComplete="off"
            placeholder="https://"
          />
        )}
      </Field>
      <EventPicker chosen={chosen} error={messageOf('events')} onToggle={toggle} />
    </FormDialog>
  )
}

function EventPicker(props: {
  chosen: readonly WebhookEvent[]
  error: string | undefined
  onToggle(event: WebhookEvent): void
}) {
  const t = useTranslations('settings.webhooks')
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{t('dialog.events')}</legend>
      <div className="grid gap-x-4 sm:grid-cols-2">
        {webhookEvents.map((event) => (
          <Checkbox
            key={event}
            checked={props.chosen.includes(event)}
            onChange={() => props.onToggle(event)}
            label={<code className="text-xs">{event}</code>}
          />
        ))}
      </div>
      {props.error && <p className="mt-1 text-bad text-xs">{props.error}</p>}
    </fieldset>
  )
}
