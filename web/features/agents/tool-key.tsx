'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { getToolKey, replaceToolKey } from '#contracts/agents'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { SecretOnce } from '../../components/secret-once.tsx'
import { endpointKey, useEndpoint, useEndpointCall } from '../../lib/api/use-endpoint.tsx'

/** How receivers of webhook tools know that it is us who asks; one key for all agents of the organization. */
export function ToolKey() {
  const t = useTranslations('agents.toolKey')
  const found = useEndpoint(getToolKey, {})
  const [step, setStep] = useState<'asking' | { key: string } | null>(null)
  const close = () => setStep(null)
  // A later look that fails takes nothing away: a new key may stand on the screen, shown this once.
  if (found.error && !found.data) {
    return (
      <ErrorBox
        title={t('failed')}
        error={found.error}
        onRetry={() => void found.refetch()}
        isRetrying={found.isFetching}
      />
    )
  }
  if (!found.data) return null
  const { header, lastFour } = found.data
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border border-line px-3 py-2">
      <p className="min-w-0 grow basis-60 text-soft">
        {t.rich(lastFour ? 'carried' : 'notYet', {
          header,
          lastFour: lastFour ?? '',
          code: (text) => <code className="break-all text-ink text-xs">{text}</code>,
        })}
      </p>
      <Button size="small" onClick={() => setStep('asking')}>
        {t(lastFour ? 'replace' : 'make')}
      </Button>
      {step === 'asking' && (
        <Replace isFirst={lastFour === null} onMade={(key) => setStep({ key })} onClose={close} />
      )}
      {step !== null && step !== 'asking' && <Made secret={step.key} onClose={close} />}
    </div>
  )
}

function Replace(props: { isFirst: boolean; onMade(key: string): void; onClose(): void }) {
  const t = useTranslations('agents.toolKey')
  const queries = useQueryClient()
  const replace = useEndpointCall(replaceToolKey, {
    onSuccess: ({ key }) => {
      void queries.invalidateQueries({ queryKey: endpointKey(getToolKey) })
      props.onMade(key)
    },
  })
  return (
    <Confirm
      isOpen
      onClose={props.onClose}
      title={t(props.isFirst ? 'makeTitle' : 'replaceTitle')}
      effect={t(props.isFirst ? 'makeEffect' : 'replaceEffect')}
      action={t(props.isFirst ? 'make' : 'replace')}
      isSending={replace.isPending}
      onConfirm={() => replace.mutate({})}
      failure={replace.error}
    />
  )
}

function Made({ secret, onClose }: { secret: string; onClose(): void }) {
  const t = useTranslations('agents.toolKey')
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('made')}
      isWide
      actions={
        <Button kind="primary" onClick={onClose}>
          {t('kept')}
        </Button>
      }
    >
      <SecretOnce label={t('key')} secret={secret} className="mt-4" />
    </Dialog>
  )
}
