'use client'
import { ChevronLeft } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Button } from '../../../components/button.tsx'
import { useTestDesk } from './tests-context.tsx'

/** From one test or run to the list of all. */
export function BackToTests() {
  const t = useTranslations('agentTests')
  const { open } = useTestDesk()
  return (
    <Button kind="quiet" size="small" className="-ml-2 mb-1 text-soft" onClick={() => open({})}>
      <ChevronLeft aria-hidden className="size-3.5" />
      {t('back')}
    </Button>
  )
}
