'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { listWebhookDeliveries, replayWebhookDelivery } from '#contracts/operations'
import { Confirm } from '../../components/confirm.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import type { Delivery } from './deliveries.tsx'
import { useVendorName } from './vendors.ts'

/** Asks before what a delivery asked for is done again. */
export function ReplayConfirm({ delivery, onClose }: { delivery: Delivery; onClose(): void }) {
  const t = useTranslations('platform.webhooks')
  const vendorName = useVendorName()
  const queries = useQueryClient()
  const replay = useEndpointCall(replayWebhookDelivery, {
    onSuccess: () => {
      toast(t('replayed'))
      onClose()
      void queries.invalidateQueries({ queryKey: endpointKey(listWebhookDeliveries) })
    },
  })
  const { vendor, deliveryId, kind } = delivery
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={t('replayTitle', { kind })}
      effect={t('replayEffect', { vendor: vendorName(vendor) })}
      action={t('replay')}
      isSending={replay.isPending}
      failure={replay.error}
      onConfirm={() => replay.mutate({ body: { vendor, deliveryId } })}
    >
      <p className="break-all text-soft text-xs">
        <code>{deliveryId}</code>
      </p>
    </Confirm>
  )
}
