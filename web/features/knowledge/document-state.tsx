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
  syncing: { icon: LoaderCircle, tone: 'brand', isPulsing: true },
  notSynced: { icon: TriangleAlert, tone: 'warn' },
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

/** How far a document is; where it stops, why. What ElevenLabs says is shown as it is. */
export function DocumentState({ document }: { document: KnowledgeDocument }) {
  const t = useTranslations('knowledge.documents')
  const { state, reason, vendorState, vendorError } = document
  const shown = shownState(document)
  const known = reasons.find((each) => each === reason)
  return (
    <>
      <StatusChip {...looks[shown]} label={t(`states.${shown}`)} />
      {state === 'rejected' && (
        <Note>{known ? t(`reasons.${known}`) : t('reasonUnknown', { reason: reason ?? '–' })}</Note>
      )}
      {shown === 'notSynced' && (
        <Note>
          {vendorError ? t('vendor.refused', { words: vendorError }) : t('vendor.unanswered')}
        </Note>
      )}
      {shown === 'ready' && vendorState === 'in_sync' && <Note>{t('vendor.inSync')}</Note>}
    </>
  )
}

function Note({ children }: { children: string }) {
  return (
    <span className="block max-w-72 text-balance break-words text-soft text-xs">{children}</span>
  )
}

/** A document that is read goes on to ElevenLabs where an agent uses it. */
function shownState({ state, vendorState }: KnowledgeDocument): keyof typeof looks {
  if (state !== 'ready') return state
  if (vendorState === 'pending') return 'syncing'
  return vendorState === 'failed' ? 'notSynced' : 'ready'
}
