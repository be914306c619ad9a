'use client'
import { useTranslations } from 'use-intl'
import type { webhookVendors } from '#contracts/operations'

export type Vendor = (typeof webhookVendors)[number]

export const deliveryStatuses = ['handled', 'open'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

export function useVendorName(): (vendor: Vendor) => string {
  const t = useTranslations('platform.webhooks.vendors')
  return (vendor) => t(vendor)
}
