'use client'
import { parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useTranslations } from 'use-intl'
import { webhookVendors } from '#contracts/operations'
import { FilterMenu } from '../../components/filter-menu.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Forbidden } from '../../components/refusals.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { useMay } from '../../lib/session.tsx'
import { Deliveries } from './deliveries.tsx'
import { Rejections } from './rejections.tsx'
import { type DeliveryStatus, deliveryStatuses, useVendorName, type Vendor } from './vendors.ts'

const parsers = {
  tab: parseAsStringLiteral(['received', 'rejected']).withDefault('received'),
  vendor: parseAsStringLiteral(webhookVendors),
  status: parseAsStringLiteral(deliveryStatuses),
}

/** What vendors told us: taken in, and refused. */
export function WebhooksScreen() {
  return useMay('system.read') ? <Webhooks /> : <Forbidden needs="system.read" />
}

function Webhooks() {
  const t = useTranslations('platform.webhooks')
  const [chosen, choose] = useQueryStates(parsers, { history: 'push' })
  const { tab, vendor, status } = chosen
  return (
    <div className="w-full max-w-[90rem] py-5">
      <div className="px-4 md:px-6">
        <PageHeader title={t('title')} />
      </div>
      <Tabs
        label={t('tabs.label')}
        value={tab}
        onChange={(next) => void choose({ tab: next, vendor, status: null })}
        className="mt-2 [&>[role=tablist]]:px-4 md:[&>[role=tablist]]:px-6"
        tabs={[
          {
            value: 'received',
            label: t('tabs.received'),
            content: (
              <>
                <Filters
                  vendor={vendor}
                  onVendor={(next) => void choose({ vendor: next })}
                  status={status}
                  onStatus={(next) => void choose({ status: next })}
                />
                <Deliveries vendor={vendor} status={status} />
              </>
            ),
          },
          {
            value: 'rejected',
            label: t('tabs.rejected'),
            content: (
              <>
                <Filters vendor={vendor} onVendor={(next) => void choose({ vendor: next })} />
                <Rejections vendor={vendor} />
              </>
            ),
          },
        ]}
      />
    </div>
  )
}

function Filters(props: {
  vendor: Vendor | null
  onVendor(vendor: Vendor | null): void
  status?: DeliveryStatus | null
  onStatus?(status: DeliveryStatus | null): void
}) {
  const t = useTranslations('platform.webhooks')
  const vendorName = useVendorName()
  return (
    <div className="mb-2 flex flex-wrap gap-2 px-4 md:px-6">
      <FilterMenu
        label={t('vendor')}
        anyLabel={t('any')}
        value={props.vendor}
        options={webhookVendors.map((value) => ({ value, label: vendorName(value) }))}
        onChange={props.onVendor}
      />
      {props.onStatus && (
        <FilterMenu
          label={t('status')}
          anyLabel={t('any')}
          value={props.status ?? null}
          options={deliveryStatuses.map((value) => ({ value, label: t(`statuses.${value}`) }))}
          onChange={props.onStatus}
        />
      )}
    </div>
  )
}
