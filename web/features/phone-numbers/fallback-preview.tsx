'use client'
import { AudioLines, type LucideIcon, Mic, PhoneForwarded, PhoneOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { toE164 } from '../../lib/format/e164.ts'
import { formatPhone } from '../../lib/format/phone.ts'
import type { Fallback } from './phone-number.ts'

/** What a caller hears where nobody can take the call, one thing after the other. */
export function FallbackPreview({ fallback }: { fallback: Fallback }) {
  const t = useTranslations('numbers.fallback.preview')
  return (
    <section aria-label={t('label')} className="rounded-card border border-line bg-bg px-4 py-3">
      <p aria-hidden className="font-medium text-soft text-xs">
        {t('label')}
      </p>
      <ol className="mt-2 space-y-2">
        {fallback.kind === 'none' && <Heard icon={AudioLines}>{t('reason')}</Heard>}
        {'text' in fallback && (
          <Heard icon={AudioLines}>
            {fallback.text ? <q className="break-words">{fallback.text}</q> : t('noText')}
          </Heard>
        )}
        {fallback.kind === 'voicemail' && <Heard icon={Mic}>{t('voicemail')}</Heard>}
        {fallback.kind === 'forward' && (
          <Heard icon={PhoneForwarded}>
            {toE164(fallback.to)
              ? t('forward', { phone: formatPhone(fallback.to) })
              : t('noNumber')}
          </Heard>
        )}
        <Heard icon={PhoneOff}>{t('end')}</Heard>
      </ol>
    </section>
  )
}

const Heard = ({ icon: Icon, children }: { icon: LucideIcon; children: ReactNode }) => (
  <li className="flex items-start gap-2.5">
    <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-soft" />
    <span className="min-w-0">{children}</span>
  </li>
)
