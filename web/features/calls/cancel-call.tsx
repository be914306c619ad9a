'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { endCallByHand, getCall } from '#contracts/calls'
import { Button } from '../../components/button.tsx'
import { useErrorText } from '../../components/error-box.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { useMay } from '../../lib/session.tsx'
import { type Call, isSettingUp } from './call-status.ts'

/** Stops a phone from ringing that we had rung; nothing has been said yet, so nothing is asked. */
export function CancelCall({ call }: { call: Call }) {
  const t = useTranslations('outbound.details')
  const mayEnd = useMay('calls.listen')
  const errorText = useErrorText()
  const queries = useQueryClient()
  const ending = useEndpointCall(endCallByHand, {
    onSuccess: () => void queries.invalidateQueries({ queryKey: endpointKey(getCall) }),
  })
  if (!mayEnd || call.direction !== 'outbound' || !isSettingUp(call.state)) return null
  const cancel = () =>
    ending.mutate(
      { params: { callId: call.id } },
      { onError: (error) => toast(`${t('endFailed')} ${errorText(error)}`) },
    )
  return (
    <Button onClick={cancel} disabled={ending.isPending || ending.isSuccess}>
      {t('end')}
    </Button>
  )
}
