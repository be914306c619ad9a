'use client'
import { useTranslations } from 'use-intl'
import { Fact, Facts } from '../../components/facts.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { FallbackPreview } from './fallback-preview.tsx'
import type { PhoneNumber } from './phone-number.ts'

/** How a number is set up, for those who cannot change it, and where nothing can be changed any more. */
export function NumberSetup({ number }: { number: PhoneNumber }) {
  const t = useTranslations('numbers')
  const format = useFormat()
  return (
    <section aria-label={t('form.label')} className="max-w-2xl space-y-4">
      <Facts>
        <Fact name={t('form.agent')}>{number.agentName ?? t('form.noAgent')}</Fact>
        <Fact name={t('form.route')}>
          {t(`routes.${number.route}.name`)}
          <span className="block text-soft text-xs">{t(`routes.${number.route}.hint`)}</span>
        </Fact>
        <Fact name={t('form.lines')}>{format.number(number.maxConcurrentCalls)}</Fact>
        <Fact name={t('form.fallback')}>{t(`fallback.kinds.${number.fallback.kind}.name`)}</Fact>
      </Facts>
      {number.state !== 'released' && <FallbackPreview fallback={number.fallback} />}
    </section>
  )
}
