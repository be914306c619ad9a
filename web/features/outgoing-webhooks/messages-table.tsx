'use client'
import { CircleCheck, CircleX, Clock } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Moment } from '../../components/moment.tsx'
import { StatusChip } from '../../components/status-chip.tsx'
import { useNow } from '../../lib/use-now.ts'
import type { WebhookMessage } from './delivery-log.tsx'

const NOW_MS = 30_000

const looks = {
  waiting: { icon: Clock, tone: 'brand' },
  delivered: { icon: CircleCheck, tone: 'ok' },
  failed: { icon: CircleX, tone: 'bad' },
} as const

export function MessageState({ state }: { state: WebhookMessage['state'] }) {
  const t = useTranslations('settings.webhooks.log.states')
  return <StatusChip {...looks[state]} label={t(state)} />
}

export function MessagesTable(props: {
  messages: readonly WebhookMessage[]
  onOpen(messageId: string): void
}) {
  const t = useTranslations('settings.webhooks.log')
  return (
    <DataTable
      caption={t('caption')}
      columns={useColumns(props.onOpen)}
      rows={props.messages}
      rowKey={(message) => message.id}
      onPick={props.onOpen}
      onOpen={props.onOpen}
    />
  )
}

function useColumns(onOpen: (messageId: string) => void): Column<WebhookMessage>[] {
  const t = useTranslations('settings.webhooks.log.columns')
  const now = useNow(NOW_MS)
  return useMemo(
    () => [
      {
        key: 'event',
        header: t('event'),
        className: 'font-medium',
        cell: (message) => (
          <button
            type="button"
            data-row-action
            onClick={() => onOpen(message.id)}
            className="rounded-sm"
          >
            {message.event}
          </button>
        ),
      },
      {
        key: 'created',
        header: t('created'),
        sort: 'descending',
        cell: (message) => <Moment at={message.createdAt} now={now} />,
      },
      {
        key: 'state',
        header: t('state'),
        cell: (message) => <MessageState state={message.state} />,
      },
      {
        key: 'attempts',
        header: t('attempts'),
        from: 'sm',
        isNumeric: true,
        cell: (message) => message.attempts,
      },
      {
        key: 'answer',
        header: t('answer'),
        from: 'md',
        cell: (message) => (
          <span
            className="block max-w-72 truncate text-soft"
            title={message.lastError ?? undefined}
          >
            {message.lastError ?? message.lastStatus ?? '–'}
          </span>
        ),
      },
      {
        key: 'next',
        header: t('next'),
        from: 'lg',
        cell: (message) =>
          message.nextAttemptAt ? <Moment at={message.nextAttemptAt} now={now} /> : '–',
      },
    ],
    [t, now, onOpen],
  )
}
