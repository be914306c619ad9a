'use client'
import { Archive, CircleCheck, CirclePause } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import type { getOrganizationDetail, organizationSummary } from '#contracts/organizations'
import { StatusChip } from '../../components/status-chip.tsx'

export type OrganizationSummary = z.output<typeof organizationSummary>
export type OrganizationDetail = z.output<(typeof getOrganizationDetail)['response']>

const looks = {
  active: { icon: CircleCheck, tone: 'ok' },
  paused: { icon: CirclePause, tone: 'warn' },
  archived: { icon: Archive, tone: 'neutral' },
} as const

export function OrganizationStatus(props: {
  status: OrganizationSummary['status']
  isTight?: boolean
}) {
  const t = useTranslations('platform.organizations.statuses')
  return (
    <StatusChip {...looks[props.status]} label={t(props.status)} isTight={props.isTight ?? false} />
  )
}
