'use client'
import { useQueryClient } from '@tanstack/react-query'
import { ChevronLeft } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import {
  deleteWebhookEndpoint,
  listWebhookEndpoints,
  listWebhookMessages,
  pingWebhookEndpoint,
  rotateWebhookSecret,
  updateWebhookEndpoint,
} from '#contracts/outgoing-webhooks'
import { Confirm } from '../../components/confirm.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { DeliveryLog } from './delivery-log.tsx'
import { EndpointDialog } from './endpoint-dialog.tsx'
import { EndpointState } from './endpoint-state.tsx'
import { SecretDialog } from './secret-dialog.tsx'
import type { WebhookEndpoint } from './webhooks-tab.tsx'

type Asking = 'edit' | 'rotate' | 'delete' | null

/** One address: what can be done with it, and what was sent to it. */
export function EndpointDetail(props: { endpoint: WebhookEndpoint; onBack(): void }) {
  const t = useTranslations('settings.webhooks.detail')
  const { endpoint, onBack } = props
  const refusal = useWriteRefusal()
  const queries = useQueryClient()
  const [asking, setAsking] = useState<Asking>(null)
  const params = { endpointId: endpoint.id }
  const refresh = () => queries.invalidateQueries({ queryKey: endpointKey(listWebhookEndpoints) })
  const ping = useEndpointCall(pingWebhookEndpoint, {
    onSuccess: () => {
      toast(t('pinged'))
      void queries.invalidateQueries({ queryKey: endpointKey(listWebhookMessages) })
    },
  })
  const update = useEndpointCall(updateWebhookEndpoint, { onSuccess: () => void refresh() })
  const rotate = useEndpointCall(rotateWebhookSecret, { onSuccess: () => void refresh() })
  const remove = useEndpointCall(deleteWebhookEndpoint, {
    onSuccess: () => {
      toast(t('deleted'))
      void refresh()
      onBack()
    },
  })
  const close = () => setAsking(null)
  const isActive = endpoint.state === 'active'
  const failure = ping.error ?? update.error
  return (
    <div className="space-y-4">
      <div>
        <button
          type="button"
          onClick={onBack}
          className="-ml-1 mb-1 inline-flex h-6 items-center gap-1 rounded-sm pr-1 text-soft text-xs hover:text-ink"
        >
          <ChevronLeft aria-hidden className="size-3.5" />
          {t('back')}
        </button>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <h2 className="min-w-0 break-all font-semibold text-base">{endpoint.url}</h2>
          <EndpointState endpoint={endpoint} />
        </div>
        <p className="mt-1 text-soft text-xs">
          {endpoint.events.join(', ')} · {t('secretEnds', { lastFour: endpoint.secretLastFour })}
        </p>
        {endpoint.disabledReason && (
          <p className="mt-1">{t('disabledBecause', { reason: endpoint.disabledReason })}</p>
        )}
      </div>
      <div className="flex flex-wrap gap-2">
        <GuardedButton
          refusal={refusal ?? (isActive ? null : t('pingDisabled'))}
          disabled={ping.isPending}
          onClick={() => ping.mutate({ params })}
        >
          {t('ping')}
        </GuardedButton>
        <GuardedButton refusal={refusal} onClick={() => setAsking('edit')}>
          {t('edit')}
        </GuardedButton>
        <GuardedButton
          refusal={refusal}
          disabled={update.isPending}
          onClick={() =>
            update.mutate({ params, body: { state: isActive ? 'disabled' : 'active' } })
          }
        >
          {isActive ? t('disable') : t('enable')}
        </GuardedButton>
        <GuardedButton refusal={refusal} onClick={() => setAsking('rotate')}>
          {t('rotate')}
        </GuardedButton>
        <GuardedButton refusal={refusal} onClick={() => setAsking('delete')}>
          {t('delete')}
        </GuardedButton>
      </div>
      {failure && <ErrorBox title={t('actionFailed')} error={failure} />}
      <DeliveryLog endpointId={endpoint.id} />
      {asking === 'edit' && <EndpointDialog endpoint={endpoint} onClose={close} />}
      <Confirm
        isOpen={asking === 'rotate' && !rotate.data}
        onClose={close}
        title={t('rotateTitle')}
        effect={t('rotateEffect')}
        action={t('rotate')}
        isSending={rotate.isPending}
        onConfirm={() => rotate.mutate({ params })}
        failure={rotate.error}
      />
      {rotate.data && (
        <SecretDialog
          title={t('rotated')}
          secret={rotate.data.secret}
          onClose={() => {
            rotate.reset()
            close()
          }}
        />
      )}
      <Confirm
        isOpen={asking === 'delete'}
        onClose={close}
        title={t('deleteTitle')}
        effect={t('deleteEffect', { url: endpoint.url })}
        action={t('delete')}
        isSending={remove.isPending}
        onConfirm={() => remove.mutate({ params })}
        failure={remove.error}
      />
    </div>
  )
}
