'use client'
import { CircleCheck, CircleDashed, CircleX, LoaderCircle, TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { StatusChip } from '../../components/status-chip.tsx'
import type { Agent } from './agent-types.ts'

const looks = {
  unpublished: { icon: CircleDashed, tone: 'neutral' },
  pending: { icon: LoaderCircle, tone: 'brand', isPulsing: true },
  in_sync: { icon: CircleCheck, tone: 'ok' },
  drifted: { icon: TriangleAlert, tone: 'warn' },
  failed: { icon: CircleX, tone: 'bad' },
} as const

/** Whether ElevenLabs holds what is published. */
export function AgentSync(props: { state: Agent['syncState']; isTight?: boolean }) {
  const t = useTranslations('agents.sync')
  return (
    <StatusChip
      {...looks[props.state]}
      label={t(props.state)}
      {...(props.isTight && { isTight: true })}
    />
  )
}
