'use client'
import { CircleCheck, CirclePause, TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { StatusChip } from '../../components/status-chip.tsx'
import type { WebhookEndpoint } from './webhooks-tab.tsx'

const looks = {
  active: { icon: CircleCheck, tone: 'ok' },
  failing: { icon: TriangleAlert, tone: 'warn' },
  disabled: { icon: CirclePause, tone: 'neutral' },
} as const

/** Whether an address is written to, and whether it answers. */
export function EndpointState({ endpoint }: { endpoint: WebhookEndpoint }) {
  const t = useTranslations('settings.webhooks.states')
  const isFailing = endpoint.state === 'active' && endpoint.failures > 0
  const state = isFailing ? 'failing' : endpoint.state
  return <StatusChip {...looks[state]} label={t(state)} isTight />
}
