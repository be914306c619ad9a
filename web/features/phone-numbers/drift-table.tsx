'use client'
import { useTranslations } from 'use-intl'
import type { PhoneNumber } from './phone-number.ts'

const vendorNames = { twilio: 'Twilio', elevenlabs: 'ElevenLabs' } as const

/** Both sides of what differs: as we left it, and as a vendor holds it now. */
export function DriftTable({ drift }: { drift: PhoneNumber['drift'] }) {
  const t = useTranslations('numbers.drift')
  return (
    <ul aria-label={t('label')} className="space-y-3 pt-2">
      {drift.map(({ vendor, what, expected, found }) => (
        <li key={`${vendor}-${what}`}>
          <p className="font-medium">
            {t('at', { vendor: vendorNames[vendor], what: t(`what.${what}`) })}
          </p>
          <dl className="mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5">
            <Side name={t('expected')} value={expected} />
            <Side name={t('found')} value={found} />
          </dl>
        </li>
      ))}
    </ul>
  )
}

function Side({ name, value }: { name: string; value: string }) {
  const t = useTranslations('numbers.drift')
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0">
        {value ? <code className="break-all text-xs">{value}</code> : t('nothing')}
      </dd>
    </>
  )
}
