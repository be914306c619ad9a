'use client'
import { PhoneOutgoing } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { useMay, useMe } from '../../lib/session.tsx'
import { useCallRefusal } from '../../lib/use-call-refusal.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'

const StartCallDialog = lazy(() =>
  import('./start-call-dialog.tsx').then((file) => ({ default: file.StartCallDialog })),
)

/** Has an agent call somebody; not there for those who may never, and with the reason where it cannot be now. */
export function StartCall(props: {
  /** Stands beside what the screen is for. */
  isSecond?: boolean
}) {
  const mayStart = useMay('calls.start')
  const seesAgents = useMay('agents.read')
  return mayStart && seesAgents ? <Starting {...props} /> : null
}

function Starting({ isSecond = false }: { isSecond?: boolean }) {
  const t = useTranslations('outbound')
  const { membership } = useMe()
  const paused = useWriteRefusal()
  const broke = useCallRefusal('agent')
  const [isOpen, setOpen] = useState(false)
  const isOff = membership?.featuresOff.includes('outbound_calls') ?? false
  return (
    <>
      <GuardedButton
        {...(!isSecond && { kind: 'primary' as const })}
        refusal={paused ?? (isOff ? t('featureOff') : broke)}
        onClick={() => setOpen(true)}
      >
        <PhoneOutgoing aria-hidden className="size-4" />
        {t('open')}
      </GuardedButton>
      {isOpen && (
        <Suspense fallback={null}>
          <StartCallDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
