'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import type { OrganizationRole } from '#api/contract/permissions.ts'
import { getMe } from '#contracts/access'
import { changeRole, listMembers } from '#contracts/members'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { FormFailure } from '../../components/form.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { useMe } from '../../lib/session.tsx'
import type { Member } from './members-tab.tsx'

/** Asks before somebody may do more or less than before, and says what. */
export function RoleChange(props: { member: Member; role: OrganizationRole; onClose(): void }) {
  const t = useTranslations('team.roleChange')
  const common = useTranslations('common')
  const roleName = useTranslations('shell.roles')
  const { member, role, onClose } = props
  const queries = useQueryClient()
  const isMyself = useMe().userId === member.userId
  const name = member.name || member.email
  const change = useEndpointCall(changeRole, {
    onSuccess: () => {
      toast(t('done', { name, role: roleName(role) }))
      void queries.invalidateQueries({ queryKey: endpointKey(listMembers) })
      if (isMyself) void queries.invalidateQueries({ queryKey: endpointKey(getMe) })
      onClose()
    },
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={
        isMyself
          ? t('titleOwn', { role: roleName(role) })
          : t('title', { name, role: roleName(role) })
      }
      hint={isMyself ? `${t('ownEffect')} ${t(`effects.${role}`)}` : t(`effects.${role}`)}
      actions={
        <>
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button
            kind="primary"
            disabled={change.isPending}
            onClick={() => change.mutate({ params: { memberId: member.id }, body: { role } })}
          >
            {t('action')}
          </Button>
        </>
      }
    >
      <div className="mt-4 empty:hidden">
        <FormFailure error={change.error} />
      </div>
    </Dialog>
  )
}
