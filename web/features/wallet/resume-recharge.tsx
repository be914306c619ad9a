'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { changeAutoRecharge, getAutoRecharge } from '#contracts/wallet'
import { ErrorBox } from '../../components/error-box.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'

/** Starts the automatic top-up anew after it stopped by itself. */
export function ResumeRecharge({ refusal }: { refusal: string | null }) {
  const t = useTranslations('wallet.auto')
  const queries = useQueryClient()
  const resume = useEndpointCall(changeAutoRecharge, {
    onSuccess: (changed) => queries.setQueryData(endpointKey(getAutoRecharge, {}), changed),
  })
  return (
    <>
      {resume.error && (
        <ErrorBox title={t('resumeFailed')} error={resume.error} className="basis-full" />
      )}
      <GuardedButton
        kind="primary"
        refusal={refusal}
        disabled={resume.isPending}
        onClick={() => resume.mutate({ body: { enabled: true } })}
      >
        {t('resume')}
      </GuardedButton>
    </>
  )
}
