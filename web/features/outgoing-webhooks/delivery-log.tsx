'use client'
import { useQueryClient } from '@tanstack/react-query'
import { Send } from 'lucide-react'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import {
  listWebhookMessages,
  replayWebhookMessage,
  type webhookMessage,
} from '#contracts/outgoing-webhooks'
import { Button } from '../../components/button.tsx'
import { Empty } from '../../components/empty.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { FilterMenu } from '../../components/filter-menu.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall, useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { MessageDialog } from './message-dialog.tsx'
import { MessagesTable } from './messages-table.tsx'

export type WebhookMessage = z.output<typeof webhookMessage>
export const messageStates = ['waiting', 'delivered', 'failed'] as const

const REFRESH_MS = 5_000 // While something still waits to be delivered.
const MAX_REFRESHED_PAGES = 3 // Each page is asked for again.

/** What was sent to an address and what became of it; any of it can be sent again. */
export function DeliveryLog({ endpointId }: { endpointId: string }) {
  const t = useTranslations('settings.webhooks.log')
  const queries = useQueryClient()
  const [state, setState] = useQueryState('delivery', parseAsStringLiteral(messageStates))
  const [openId, setOpenId] = useState<string | null>(null)
  const params = { endpointId }
  const list = useEndpointPages(
    listWebhookMessages,
    { params, query: state ? { state } : {} },
    { refetchInterval: refreshPause },
  )
  const replay = useEndpointCall(replayWebhookMessage, {
    onSuccess: () => {
      toast(t('replayed'))
      setOpenId(null)
      void queries.invalidateQueries({ queryKey: endpointKey(listWebhookMessages) })
    },
  })
  const opened = list.items?.find(({ id }) => id === openId)
  const send = (messageId: string) => replay.mutate({ params: { endpointId, messageId } })
  return (
    <section aria-label={t('title')}>
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-semibold">{t('title')}</h3>
        <FilterMenu
          label={t('state')}
          anyLabel={t('any')}
          value={state}
          options={messageStates.map((value) => ({ value, label: t(`states.${value}`) }))}
          onChange={(value) => void setState(value)}
        />
      </div>
      {replay.error && <ErrorBox title={t('replayFailed')} error={replay.error} className="mb-2" />}
      <div className="-mx-4 md:-mx-6">
        <GrowingList
          list={list}
          loading={t('loading')}
          failed={t('failed')}
          end={t('allShown')}
          empty={
            state ? (
              <Empty
                title={t('noneMatch')}
                action={<Button onClick={() => void setState(null)}>{t('clear')}</Button>}
              />
            ) : (
              <Empty icon={Send} title={t('empty')} hint={t('emptyHint')} />
            )
          }
        >
          {(messages) => <MessagesTable messages={messages} onOpen={setOpenId} />}
        </GrowingList>
      </div>
      {opened && (
        <MessageDialog
          message={opened}
          isSending={replay.isPending}
          onReplay={() => send(opened.id)}
          onClose={() => setOpenId(null)}
        />
      )}
    </section>
  )
}

function refreshPause(pages: readonly { items: readonly WebhookMessage[] }[]): number | false {
  if (pages.length > MAX_REFRESHED_PAGES) return false
  return pages.some((page) => page.items.some(({ state }) => state === 'waiting'))
    ? REFRESH_MS
    : false
}
