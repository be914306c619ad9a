'use client'
import { useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { getAgent, listAgents } from '#contracts/agents'
import { listPhoneNumbers, updatePhoneNumber } from '#contracts/phone-numbers'
import { Combobox } from '../../components/combobox.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { Phone } from '../../components/phone.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpoint, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { formatPhone } from '../../lib/format/phone.ts'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import type { AgentDetail } from './agent-types.ts'
import { Part, useEditor } from './editor-context.tsx'

type AgentNumber = AgentDetail['numbers'][number]

const MOST = 100 // The largest page; whoever has more numbers attaches them where they are listed.

/** The numbers that lead to this agent. Attaching and detaching happen at once, they are no part of the draft. */
export function NumbersTab() {
  const t = useTranslations('agents.numbers')
  const { agent } = useEditor()
  const mayWrite = useMay('phone-numbers.write')
  const refusal = useWriteRefusal()
  const [detaching, setDetaching] = useState<AgentNumber | null>(null)
  return (
    <Part title={t('title')} hint={t('hint')}>
      {agent.numbers.length === 0 ? (
        <p className="text-soft">{t('none')}</p>
      ) : (
        <ul
          aria-label={t('title')}
          className="divide-y divide-line rounded-card border border-line bg-panel"
        >
          {agent.numbers.map((number) => (
            <li key={number.id} className="flex min-h-11 items-center gap-3 px-3 py-1.5">
              <Link
                href={paths.number(number.id)}
                className="rounded-sm font-medium hover:underline"
              >
                <Phone number={number.e164} />
              </Link>
              <span className="min-w-0 grow truncate text-soft">{number.label}</span>
              {mayWrite && (
                <GuardedButton
                  size="small"
                  refusal={refusal}
                  aria-label={t('detachNamed', { number: formatPhone(number.e164) })}
                  onClick={() => setDetaching(number)}
                >
                  {t('detach')}
                </GuardedButton>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayWrite && <Attach agent={agent} refusal={refusal} />}
      {detaching && <Detach number={detaching} onClose={() => setDetaching(null)} />}
    </Part>
  )
}

/** After a number changed hands, whoever shows numbers or agents asks again. */
function useRefresh(): () => void {
  const queries = useQueryClient()
  return () => {
    for (const declared of [getAgent, listAgents, listPhoneNumbers])
      void queries.invalidateQueries({ queryKey: endpointKey(declared) })
  }
}

function Attach({ agent, refusal }: { agent: AgentDetail; refusal: string | null }) {
  const t = useTranslations('agents.numbers')
  const refresh = useRefresh()
  const [chosen, setChosen] = useState<string | null>(null)
  const found = useEndpoint(listPhoneNumbers, { query: { limit: MOST } })
  const attach = useEndpointCall(updatePhoneNumber, {
    onSuccess: ({ e164 }) => {
      toast(t('attached', { number: formatPhone(e164) }))
      setChosen(null)
      refresh()
    },
  })
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
  const free = (found.data?.items ?? []).filter(
    ({ agentId, state }) => agentId !== agent.id && state === 'active',
  )
  if (found.data && free.length === 0) {
    return (
      <p className="text-soft">
        {t('noOther')}{' '}
        <Link
          href={paths.importNumber({ agent: agent.id })}
          className="font-medium text-brand hover:underline"
        >
          {t('import')}
        </Link>
      </p>
    )
  }
  const taken = free.find(({ id }) => id === chosen)?.agentName
  return (
    <div className="max-w-md space-y-2">
      <div className="flex gap-2">
        <Combobox
          label={t('choose')}
          searchLabel={t('search')}
          placeholder={t('choose')}
          value={chosen}
          onChange={setChosen}
          choices={free.map(({ id, e164, label, agentName }) => ({
            value: id,
            label: [formatPhone(e164), label].filter(Boolean).join(' '),
            ...(agentName && { hint: agentName }),
          }))}
        />
        <GuardedButton
          refusal={refusal}
          disabled={chosen === null || attach.isPending}
          onClick={() => {
            if (!chosen) return
            attach.mutate({ params: { phoneNumberId: chosen }, body: { agentId: agent.id } })
          }}
        >
          {t('attach')}
        </GuardedButton>
      </div>
      {taken && <p className="text-soft text-xs">{t('taken', { name: taken })}</p>}
      {attach.error && <ErrorBox title={t('attachFailed')} error={attach.error} />}
    </div>
  )
}

function Detach({ number, onClose }: { number: AgentNumber; onClose(): void }) {
  const t = useTranslations('agents.numbers')
  const refresh = useRefresh()
  const shown = formatPhone(number.e164)
  const detach = useEndpointCall(updatePhoneNumber, {
    onSuccess: () => {
      toast(t('detached', { number: shown }))
      refresh()
      onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={t('detachTitle', { number: shown })}
      effect={t('detachEffect')}
      action={t('detach')}
      isSending={detach.isPending}
      onConfirm={() =>
        detach.mutate({ params: { phoneNumberId: number.id }, body: { agentId: null } })
      }
      failure={detach.error}
    />
  )
}
