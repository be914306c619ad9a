'use client'
import { useTranslations } from 'use-intl'
import { Fact, Facts } from '../../components/facts.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import type { Call } from './call-status.ts'

/** Why somebody was called, and who answered. */
export function OutboundFacts({ outbound }: { outbound: NonNullable<Call['outbound']> }) {
  const t = useTranslations('outbound')
  const format = useFormat()
  return (
    <div>
      <h2 className="mb-1 font-medium">{t('details.title')}</h2>
      <Facts>
        <Fact name={t('details.basis')}>{t(`bases.${outbound.consentBasis}`)}</Fact>
        <Fact name={t('details.obtained')}>{format.day(outbound.consentObtainedAt)}</Fact>
        {outbound.consentNote && <Fact name={t('details.note')}>{outbound.consentNote}</Fact>}
        {outbound.answeredBy && (
          <Fact name={t('details.answeredBy')}>
            {t(`details.answerers.${outbound.answeredBy}`)}
          </Fact>
        )}
        <Fact name={t('details.onMachine')}>{t(`machine.${outbound.onMachine}`)}</Fact>
      </Facts>
    </div>
  )
}
