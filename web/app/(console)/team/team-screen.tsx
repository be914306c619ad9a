'use client'
import { MailPlus } from 'lucide-react'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../../../components/guarded-button.tsx'
import { PageHeader } from '../../../components/page-header.tsx'
import { Forbidden } from '../../../components/refusals.tsx'
import { Tabs } from '../../../components/tabs.tsx'
import { MembersTab } from '../../../features/members/members-tab.tsx'
import { useMay } from '../../../lib/session.tsx'
import { useWriteRefusal } from '../../../lib/use-write-refusal.ts'

const InvitationsTab = lazy(() =>
  import('../../../features/invitations/invitations-tab.tsx').then((file) => ({
    default: file.InvitationsTab,
  })),
)
const InviteDialog = lazy(() =>
  import('../../../features/invitations/invite-dialog.tsx').then((file) => ({
    default: file.InviteDialog,
  })),
)

const tabKeys = ['members', 'invitations'] as const

/** The people of the organization and those who are asked to join. */
export function TeamScreen() {
  return useMay('members.read') ? <Team /> : <Forbidden needs="members.read" />
}

function Team() {
  const t = useTranslations('team')
  const mayInvite = useMay('members.invite')
  const refusal = useWriteRefusal()
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(tabKeys).withDefault('members'))
  const [isInviting, setInviting] = useState(false)
  const invite = mayInvite && (
    <GuardedButton kind="primary" refusal={refusal} onClick={() => setInviting(true)}>
      <MailPlus aria-hidden className="size-4" />
      {t('invite')}
    </GuardedButton>
  )
  return (
    <>
      <div className={`px-4 pt-5 md:px-6 ${mayInvite ? 'pb-1' : 'pb-3'}`}>
        <PageHeader
          title={t('title')}
          note={mayInvite ? undefined : t('readOnly')}
          actions={invite || undefined}
        />
      </div>
      {mayInvite ? (
        <Tabs
          label={t('tabs.label')}
          value={tab}
          onChange={(value) => void setTab(value, { history: 'push' })}
          listClassName="px-4 md:px-6"
          tabs={[
            { value: 'members', label: t('tabs.members'), content: <MembersTab invite={invite} /> },
            {
              value: 'invitations',
              label: t('tabs.invitations'),
              content: (
                <Suspense fallback={null}>
                  <InvitationsTab invite={invite} />
                </Suspense>
              ),
            },
          ]}
        />
      ) : (
        <MembersTab invite={null} />
      )}
      {isInviting && (
        <Suspense fallback={null}>
          <InviteDialog onClose={() => setInviting(false)} />
        </Suspense>
      )}
    </>
  )
}
