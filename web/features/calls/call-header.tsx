'use client'
import { Link2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { useCopy } from '../../components/copy.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import type { Playback } from '../../components/player/playback.ts'
import { formatPhone } from '../../lib/format/phone.ts'
import { paths } from '../../lib/paths.ts'
import { directionKey } from './call-bits.tsx'
import { CallFactsLine } from './call-facts-line.tsx'
import { type Call, otherNumber } from './call-status.ts'

export function CallHeader({ call, playback }: { call: Call; playback: Playback | null }) {
  const t = useTranslations('calls.detail')
  return (
    <div className="mb-3 space-y-2">
      <PageHeader
        title={t(`titles.${directionKey(call)}`, { number: formatPhone(otherNumber(call)) })}
        actions={<ShareButton call={call} playback={playback} />}
      />
      <CallFactsLine call={call} />
    </div>
  )
}

/** A link to this call at the second it is played at. */
function ShareButton({ call, playback }: { call: Call; playback: Playback | null }) {
  const t = useTranslations('calls.detail')
  const { outcome, copy } = useCopy()
  const share = () => {
    const second = Math.floor((playback?.state.get().positionMs ?? 0) / 1000)
    const path = paths.call(call.id, second > 0 ? { t: String(second) } : {})
    copy(`${window.location.origin}${path}`)
  }
  const text = { waiting: t('share'), copied: t('shared'), refused: t('shareRefused') }[outcome]
  return (
    <Button onClick={share} data-screen-only>
      <Link2 aria-hidden className="size-4" />
      <span aria-live="polite">{text}</span>
    </Button>
  )
}
