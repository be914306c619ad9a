'use client'
import { useTranslations } from 'use-intl'
import { changePublishGate } from '#contracts/agents'
import { useErrorText } from '../../../components/error-box.tsx'
import { Switch } from '../../../components/switch.tsx'
import { toast } from '../../../components/toast.tsx'
import { useEndpointCall } from '../../../lib/api/use-endpoint.tsx'
import { useEditor } from '../editor-context.tsx'
import { useShowAgent } from '../use-agent-calls.ts'

/** Whether tests have a say in publishing; readers are told, the others decide. */
export function PublishGate() {
  const t = useTranslations('agentTests.gate')
  const explain = useErrorText()
  const show = useShowAgent()
  const { agent, isReadOnly } = useEditor()
  const change = useEndpointCall(changePublishGate, {
    onSuccess: (answer) => {
      show(answer)
      toast(t(answer.publishNeedsTests ? 'turnedOn' : 'turnedOff'))
    },
  })
  const isOn = change.isPending ? change.variables.body.needsTests : agent.publishNeedsTests
  const turn = (needsTests: boolean) => {
    if (change.isPending) return
    change.mutate(
      { params: { agentId: agent.id }, body: { needsTests } },
      { onError: (error) => toast(explain(error)) },
    )
  }
  return (
    <div className="rounded-card border border-line bg-panel px-3 py-2">
      {isReadOnly ? (
        <p>{agent.publishNeedsTests ? t('on') : t('off')}</p>
      ) : (
        <Switch isOn={isOn} onChange={turn}>
          <span className="text-ink text-sm">{t('switch')}</span>
        </Switch>
      )}
      <p className="text-soft text-xs">{t('hint')}</p>
    </div>
  )
}
