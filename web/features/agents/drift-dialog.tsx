'use client'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { resolveDrift } from '#contracts/agents'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Moment } from '../../components/moment.tsx'
import { RadioCards } from '../../components/radio-cards.tsx'
import { toast } from '../../components/toast.tsx'
import { useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import type { AgentDetail } from './agent-types.ts'
import { DifferenceList } from './difference-list.tsx'
import { useShowAgent } from './use-agent-calls.ts'

const NOW_MS = 60_000

type Props = { agent: AgentDetail; isDirty: boolean; onClose(): void }

/** What ElevenLabs holds beside what it was given; whoever may, decides which of them stays. */
export function DriftDialog(props: Props) {
  const mayWrite = useMay('agents.write')
  const refusal = useWriteRefusal()
  return mayWrite && refusal === null ? <Decision {...props} /> : <Look {...props} />
}

function Look({ agent, onClose }: Props) {
  const t = useTranslations('agents.drift')
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('title')}
      isWide
      actions={<Button onClick={onClose}>{t('close')}</Button>}
    >
      <div className="mt-4">
        <Sides agent={agent} />
      </div>
    </Dialog>
  )
}

function Decision({ agent, isDirty, onClose }: Props) {
  const t = useTranslations('agents.drift')
  const show = useShowAgent()
  const isGone = agent.sync.drift?.isGone ?? false
  const [keep, setKeep] = useState<'ours' | 'theirs' | null>(isGone ? 'ours' : null)
  const resolve = useEndpointCall(resolveDrift, {
    onSuccess: (answer) => {
      show(answer)
      toast(t(keep === 'theirs' ? 'tookTheirs' : 'keptOurs'))
      onClose()
    },
  })
  const isLost = keep === 'theirs' && isDirty
  return (
    <FormDialog
      title={t('title')}
      action={t('action')}
      isSending={resolve.isPending}
      isBlocked={keep === null || isLost}
      failure={resolve.error}
      onSubmit={(event) => {
        event.preventDefault()
        if (!keep) return
        const expectedRevision = agent.draftRevision
        resolve.mutate({
          params: { agentId: agent.id },
          body: keep === 'theirs' ? { keep, expectedRevision } : { keep },
        })
      }}
      onClose={onClose}
      isWide
    >
      <Sides agent={agent} />
      <RadioCards
        label={t('choose')}
        value={keep}
        onChange={(value) => setKeep(value)}
        options={[
          {
            value: 'ours' as const,
            label: t('ours', { number: agent.sync.pushedVersion ?? 1 }),
            hint: t('oursHint'),
          },
          ...(isGone
            ? []
            : [{ value: 'theirs' as const, label: t('theirs'), hint: t('theirsHint') }]),
        ]}
      />
      {isLost && (
        <p role="alert" className="text-bad text-xs">
          {t('saveFirst')}
        </p>
      )}
    </FormDialog>
  )
}

function Sides({ agent }: { agent: AgentDetail }) {
  const t = useTranslations('agents.drift')
  const now = useNow(NOW_MS)
  const { drift } = agent.sync
  if (!drift) return null
  return (
    <div className="space-y-2">
      <p className="text-soft">
        {t.rich('found', { when: () => <Moment at={drift.foundAt} now={now} style="ago" /> })}
      </p>
      {drift.isGone ? (
        <p>{t('gone')}</p>
      ) : (
        <DifferenceList
          differences={drift.differences}
          sides={{ before: t('sides.ours'), after: t('sides.theirs') }}
        />
      )}
    </div>
  )
}
