'use client'
import { useTranslations } from 'use-intl'
import { Copy } from './copy.tsx'

/** A secret that is shown a single time, with the warning that goes with it. */
export function SecretOnce(props: { label: string; secret: string; className?: string }) {
  const t = useTranslations('secret')
  return (
    <div className={props.className}>
      <p className="mb-1 font-medium">{props.label}</p>
      <div className="flex items-center gap-2 rounded-control border border-edge bg-bg py-1 pr-1 pl-2.5">
        <code className="min-w-0 grow break-all text-xs">{props.secret}</code>
        <Copy text={props.secret} label={props.label} />
      </div>
      <p className="mt-1 text-soft text-xs">{t('once')}</p>
    </div>
  )
}
