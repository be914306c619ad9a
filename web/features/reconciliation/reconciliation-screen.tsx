'use client'
import { parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { findingCauses, findingKinds, findingStates, startRun } from '#contracts/reconciliation'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { FilterMenu } from '../../components/filter-menu.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Forbidden } from '../../components/refusals.tsx'
import { toast } from '../../components/toast.tsx'
import { useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { useMay } from '../../lib/session.tsx'
import { Findings } from './findings.tsx'

const RUN_DAYS = 4 // As many as the daily comparison looks back.

const parsers = {
  state: parseAsStringLiteral(findingStates),
  kind: parseAsStringLiteral(findingKinds),
  cause: parseAsStringLiteral(findingCauses),
}

/** What carrier, ElevenLabs and gateway disagree on about calls, and what was done about it. */
export function ReconciliationScreen() {
  return useMay('system.read') ? <Reconciliation /> : <Forbidden needs="system.read" />
}

function Reconciliation() {
  const t = useTranslations('platform.reconciliation')
  const [chosen, choose] = useQueryStates(parsers, { history: 'push' })
  const { state, kind, cause } = chosen
  const mayRun = useMay('system.write')
  const [isAsking, ask] = useState(false)
  return (
    <div className="w-full max-w-[90rem] py-5">
      <div className="space-y-3 px-4 pb-3 md:px-6">
        <PageHeader
          title={t('title')}
          actions={mayRun && <Button onClick={() => ask(true)}>{t('run')}</Button>}
        />
        <p className="text-soft">{t('hint')}</p>
        <div className="flex flex-wrap gap-2">
          <FilterMenu
            label={t('state')}
            anyLabel={t('any')}
            value={state}
            options={findingStates.map((value) => ({ value, label: t(`states.${value}`) }))}
            onChange={(next) => void choose({ state: next })}
          />
          <FilterMenu
            label={t('kind')}
            anyLabel={t('any')}
            value={kind}
            options={findingKinds.map((value) => ({ value, label: t(`kinds.${value}`) }))}
            onChange={(next) => void choose({ kind: next })}
          />
          <FilterMenu
            label={t('cause')}
            anyLabel={t('any')}
            value={cause}
            options={findingCauses.map((value) => ({ value, label: t(`causes.${value}`) }))}
            onChange={(next) => void choose({ cause: next })}
          />
        </div>
      </div>
      <Findings
        query={{ ...(state && { state }), ...(kind && { kind }), ...(cause && { cause }) }}
      />
      {isAsking && <RunConfirm onClose={() => ask(false)} />}
    </div>
  )
}

function RunConfirm({ onClose }: { onClose(): void }) {
  const t = useTranslations('platform.reconciliation')
  const run = useEndpointCall(startRun, {
    onSuccess: () => {
      toast(t('runStarted'))
      onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={t('runTitle')}
      effect={t('runEffect', { days: RUN_DAYS })}
      action={t('run')}
      isSending={run.isPending}
      failure={run.error}
      onConfirm={() => run.mutate({ body: { days: RUN_DAYS } })}
    />
  )
}
