'use client'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Fact, Facts } from '../../components/facts.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import type { WebhookMessage } from './delivery-log.tsx'
import { MessageState } from './messages-table.tsx'

/** One message: what was sent, what came back, and sending it once more. */
export function MessageDialog(props: {
  message: WebhookMessage
  isSending: boolean
  onReplay(): void
  onClose(): void
}) {
  const t = useTranslations('settings.webhooks.message')
  const common = useTranslations('common')
  const format = useFormat()
  const refusal = useWriteRefusal()
  const { message } = props
  return (
    <Dialog
      isOpen
      onClose={props.onClose}
      title={message.event}
      isWide
      actions={
        <>
          <Button onClick={props.onClose}>{common('close')}</Button>
          <GuardedButton
            kind="primary"
            refusal={refusal ?? (message.state === 'waiting' ? t('waits') : null)}
            disabled={props.isSending}
            onClick={props.onReplay}
          >
            {t('replay')}
          </GuardedButton>
        </>
      }
    >
      <Facts>
        <Fact name={t('state')}>
          <MessageState state={message.state} />
        </Fact>
        <Fact name={t('eventId')} copies={message.eventId}>
          <code className="text-xs">{message.eventId}</code>
        </Fact>
        <Fact name={t('created')}>{format.stamp(message.createdAt)}</Fact>
        <Fact name={t('attempts')}>{message.attempts}</Fact>
        {message.lastStatus !== null && <Fact name={t('status')}>{message.lastStatus}</Fact>}
        {message.lastError && <Fact name={t('error')}>{message.lastError}</Fact>}
        {message.deliveredAt && (
          <Fact name={t('delivered')}>{format.stamp(message.deliveredAt)}</Fact>
        )}
        {message.nextAttemptAt && (
          <Fact name={t('next')}>{format.stamp(message.nextAttemptAt)}</Fact>
        )}
      </Facts>
      <h3 className="mt-3 mb-1 font-medium">{t('payload')}</h3>
      <pre className="whitespace-pre-wrap break-all rounded-control border border-line bg-bg p-3 text-xs">
        {JSON.stringify(message.payload, null, 2)}
      </pre>
    </Dialog>
  )
}
