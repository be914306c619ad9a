'use client'
import { UserMinus } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { type OrganizationRole, organizationRoles } from '#api/contract/permissions.ts'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { Moment } from '../../components/moment.tsx'
import { Select } from '../../components/select.tsx'
import { useMay, useMe } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import type { Member } from './members-tab.tsx'

const NOW_MS = 60_000 // "Last active" is known to the hour.

type MembersTableProps = {
  members: readonly Member[]
  soleAdminId: string | null
  onRole(person: Member, role: OrganizationRole): void
  onRemove(person: Member): void
}

export function MembersTable(props: MembersTableProps) {
  const t = useTranslations('team.members')
  return (
    <DataTable
      caption={t('caption')}
      columns={useColumns(props)}
      rows={props.members}
      rowKey={(person) => person.id}
    />
  )
}

function useColumns({ soleAdminId, onRole, onRemove }: MembersTableProps): Column<Member>[] {
  const t = useTranslations('team.members')
  const roleName = useTranslations('shell.roles')
  const now = useNow(NOW_MS)
  const { userId } = useMe()
  const mayUpdate = useMay('members.update')
  const mayRemove = useMay('members.remove')
  const paused = useWriteRefusal()
  return useMemo(() => {
    const refusalFor = (person: Member) =>
      paused ?? (person.id === soleAdminId ? t('soleAdmin') : null)
    const columns: (Column<Member> | false)[] = [
      {
        key: 'name',
        header: t('columns.name'),
        className: 'max-w-0 w-[40%] py-1.5',
        cell: (person) => (
          <>
            <span className="block truncate font-medium">
              {person.name || person.email}
              {person.userId === userId && (
                <span className="ml-1.5 font-normal text-soft">{t('you')}</span>
              )}
            </span>
            {person.name && (
              <span className="block truncate text-soft text-xs">{person.email}</span>
            )}
          </>
        ),
      },
      {
        key: 'role',
        header: t('columns.role'),
        className: 'py-1.5',
        cell: (person) =>
          mayUpdate ? (
            <RoleSelect
              person={person}
              refusal={refusalFor(person)}
              // A banner tells everybody of a pause already; a rule about this person stands in the row.
              showsRefusal={!paused}
              onChange={(role) => onRole(person, role)}
            />
          ) : (
            roleName(person.role)
          ),
      },
      {
        key: 'seen',
        header: t('columns.seen'),
        from: 'sm',
        cell: (person) =>
          person.seenAt ? (
            <Moment at={person.seenAt} now={now} style="ago" />
          ) : (
            <span className="text-soft">{t('never')}</span>
          ),
      },
      {
        key: 'joined',
        header: t('columns.joined'),
        from: 'md',
        sort: 'descending',
        cell: (person) => <Moment at={person.joinedAt} now={now} />,
      },
      mayRemove && {
        key: 'remove',
        header: <span className="sr-only">{t('columns.remove')}</span>,
        className: 'text-right',
        cell: (person) => (
          <GuardedButton
            kind="quiet"
            size="small"
            refusal={refusalFor(person)}
            aria-label={t('removeNamed', { name: person.name || person.email })}
            onClick={() => onRemove(person)}
          >
            <UserMinus aria-hidden className="size-3.5 text-soft" />
            <span className="@max-lg:hidden">{t('remove')}</span>
          </GuardedButton>
        ),
      },
    ]
    return columns.filter((column) => column !== false)
  }, [t, roleName, now, userId, mayUpdate, mayRemove, paused, soleAdminId, onRole, onRemove])
}

/** The role as a choice; where it must stay, the reason stands below it. */
function RoleSelect(props: {
  person: Member
  refusal: string | null
  showsRefusal: boolean
  onChange(role: OrganizationRole): void
}) {
  const t = useTranslations('team.members')
  const roleName = useTranslations('shell.roles')
  const { person, refusal } = props
  const reasonId = `role-reason-${person.id}`
  return (
    <>
      <Select
        aria-label={t('roleOf', { name: person.name || person.email })}
        value={person.role}
        disabled={refusal !== null}
        {...(refusal && { 'aria-describedby': reasonId })}
        options={organizationRoles.map((value) => ({ value, label: roleName(value) }))}
        onChange={(event) => {
          const role = organizationRoles.find((known) => known === event.target.value)
          if (role && role !== person.role) props.onChange(role)
        }}
        className="w-32"
      />
      {refusal && (
        <span
          id={reasonId}
          className={props.showsRefusal ? 'mt-0.5 block max-w-60 text-soft text-xs' : 'sr-only'}
        >
          {refusal}
        </span>
      )}
    </>
  )
}
