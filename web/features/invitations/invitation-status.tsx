'use client'
import { Ban, CircleCheck, CircleDashed, Clock } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { invitationStatuses } from '#contracts/invitations'
import { StatusChip } from '../../components/status-chip.tsx'

export type InvitationStatus = (typeof invitationStatuses)[number]

const looks = {
  pending: { icon: CircleDashed, tone: 'brand' },
  expired: { icon: Clock, tone: 'warn' },
  accepted: { icon: CircleCheck, tone: 'ok' },
  revoked: { icon: Ban, tone: 'neutral' },
} as const

export function InvitationStatusChip({ status }: { status: InvitationStatus }) {
  const t = useTranslations('team.invitations.statuses')
  return <StatusChip {...looks[status]} label={t(status)} isTight />
}
