'use client'
import { useTranslations } from 'use-intl'
import { updatePhoneNumber } from '#contracts/phone-numbers'
import { useErrorText } from '../../components/error-box.tsx'
import { Select } from '../../components/select.tsx'
import { toast } from '../../components/toast.tsx'
import { useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { formatPhone } from '../../lib/format/phone.ts'
import { useMay } from '../../lib/session.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { isKept, type PhoneNumber } from './phone-number.ts'
import { useAgents } from './use-agents.ts'
import { useRefreshNumbers } from './use-refresh-numbers.ts'

/** Who answers, to be changed where it stands; the choice counts when the API has taken it. */
export function AgentCell({ number }: { number: PhoneNumber }) {
  const t = useTranslations('numbers.list')
  const mayWrite = useMay('phone-numbers.write')
  if (mayWrite && isKept(number)) return <AgentSelect number={number} />
  return number.agentName ?? <span className="text-soft">{t('noAgent')}</span>
}

function AgentSelect({ number }: { number: PhoneNumber }) {
  const t = useTranslations('numbers.list')
  const refusal = useWriteRefusal()
  const explain = useErrorText()
  const agents = useAgents(number)
  const refresh = useRefreshNumbers()
  const change = useEndpointCall(updatePhoneNumber, {
    // The old agent must not come back for the moment in which the list is read again.
    onSuccess: refresh,
  })
  const phone = formatPhone(number.e164)
  const sent = change.isPending ? change.variables.body.agentId : number.agentId
  const choose = (agentId: string | null) => {
    const before = number.agentId
    const params = { phoneNumberId: number.id }
    const undo = {
      label: t('undo'),
      run: () => change.mutate({ params, body: { agentId: before } }),
    }
    change.mutate(
      { params, body: { agentId } },
      {
        onSuccess: ({ agentName }) =>
          toast(
            agentName ? t('attached', { phone, agent: agentName }) : t('detached', { phone }),
            undo,
          ),
      },
    )
  }
  return (
    <>
      <Select
        aria-label={t('agentOf', { phone })}
        value={sent ?? ''}
        disabled={refusal !== null || change.isPending}
        options={[{ value: '', label: t('noAgent') }, ...agents.choices]}
        onChange={(event) => choose(event.target.value || null)}
        className="w-24 @lg:w-44"
      />
      {change.error && (
        <span role="alert" className="block w-24 text-bad text-xs @lg:w-44">
          {explain(change.error)}
        </span>
      )}
    </>
  )
}
