'use client'
import { CircleCheck, Clock, LoaderCircle, TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { StatusChip } from '../../components/status-chip.tsx'
import type { KnowledgeDocument } from './documents-tab.tsx'

const looks = {
  queued: { icon: Clock, tone: 'neutral' },
  parsing: { icon: LoaderCircle, tone: 'brand', isPulsing: true },
  embedding: { icon: LoaderCircle, tone: 'brand', isPulsing: true },
  ready: { icon: CircleCheck, tone: 'ok' },
  rejected: { icon: TriangleAlert, tone: 'bad' },
} as const

const reasons = [
  'damaged',
  'encrypted',
  'no_text',
  'not_utf8',
  'too_many_pages',
  'too_much_text',
  'too_slow',
  'too_heavy',
  'wrong_type',
  'page_unreachable',
  'page_timeout',
  'page_redirect',
  'page_too_large',
  'page_refused',
  'embedding_refused',
  'embedding_unavailable',
] as const

/** How far a document is; where it stops, why. */
export function DocumentState({ document }: { document: KnowledgeDocument }) {
  const t = useTranslations('knowledge.documents')
  const { state, reason } = document
  const known = reasons.find((each) => each === reason)
  return (
    <>
      <StatusChip {...looks[state]} label={t(`states.${state}`)} />
      {state === 'rejected' && (
        <span className="block max-w-72 text-balance text-soft text-xs">
          {known ? t(`reasons.${known}`) : t('reasonUnknown', { reason: reason ?? '–' })}
        </span>
      )}
    </>
  )
}
