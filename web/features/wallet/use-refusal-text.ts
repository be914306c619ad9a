'use client'
import { useTranslations } from 'use-intl'

const known = [
  'card_declined',
  'generic_decline',
  'insufficient_funds',
  'expired_card',
  'authentication_required',
  'card_unusable',
  'never_charged',
] as const

/** Why a card was refused, in words; a code without a text of its own is named. */
export function useRefusalText(): (code: string | null) => string {
  const t = useTranslations('wallet.refusal')
  return (code) => {
    if (code === null) return t('none')
    const found = known.find((each) => each === code)
    return found ? t(found) : t('other', { code: code.replaceAll('_', ' ') })
  }
}
