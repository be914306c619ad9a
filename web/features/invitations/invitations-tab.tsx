'use client'
import { MailPlus, SearchX } from 'lucide-react'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { type invitation, invitationStatuses, listInvitations } from '#contracts/invitations'
import { Button } from '../../components/button.tsx'
import { Empty } from '../../components/empty.tsx'
import { FilterMenu } from '../../components/filter-menu.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { InvitationsTable } from './invitations-table.tsx'
import { RevokeInvitation } from './revoke-invitation.tsx'

export type Invitation = z.output<typeof invitation>

const REFRESH_MS = 10_000 // The mail of a new invitation leaves within seconds; the list then says so.

/** Who was invited and what became of it. */
export function InvitationsTab(props: { invite: ReactNode }) {
  const t = useTranslations('team.invitations')
  const [status, setStatus] = useQueryState('status', parseAsStringLiteral(invitationStatuses))
  const [revoking, setRevoking] = useState<Invitation | null>(null)
  const list = useEndpointPages(
    listInvitations,
    { query: status ? { status } : {} },
    { refetchInterval: (pages) => (pages.some(isSending) ? REFRESH_MS : false) },
  )
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-4 pb-3 md:px-6">
        <FilterMenu
          label={t('status')}
          anyLabel={t('anyStatus')}
          value={status}
          options={invitationStatuses.map((value) => ({ value, label: t(`statuses.${value}`) }))}
          onChange={(value) => void setStatus(value, { history: 'push' })}
        />
      </div>
      <GrowingList
        list={list}
        loading={t('loading')}
        failed={t('failed')}
        end={t('allShown')}
        empty={
          status ? (
            <Empty
              icon={SearchX}
              title={t('noneMatch')}
              action={<Button onClick={() => void setStatus(null)}>{t('clear')}</Button>}
            />
          ) : (
            <Empty icon={MailPlus} title={t('empty')} hint={t('emptyHint')} action={props.invite} />
          )
        }
      >
        {(invitations) => <InvitationsTable invitations={invitations} onRevoke={setRevoking} />}
      </GrowingList>
      {revoking && <RevokeInvitation invitation={revoking} onClose={() => setRevoking(null)} />}
    </>
  )
}

const isSending = (page: { items: readonly Invitation[] }): boolean =>
  page.items.some(
    ({ status, sentAt, undeliverableAt }) => status === 'pending' && !sentAt && !undeliverableAt,
  )
