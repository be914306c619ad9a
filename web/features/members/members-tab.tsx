'use client'
import { SearchX, UsersRound } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { type OrganizationRole, organizationRoles } from '#api/contract/permissions.ts'
import { listMembers, type member } from '#contracts/members'
import { Button } from '../../components/button.tsx'
import { Empty } from '../../components/empty.tsx'
import { FilterMenu } from '../../components/filter-menu.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { useEndpoint, useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useMay } from '../../lib/session.tsx'
import { MembersTable } from './members-table.tsx'
import { RemoveMember } from './remove-member.tsx'

const RoleChange = lazy(() =>
  import('./role-change.tsx').then((file) => ({ default: file.RoleChange })),
)

export type Member = z.output<typeof member>

const parsers = { q: parseAsString, role: parseAsStringLiteral(organizationRoles) }

/** The people of the organization; who may, changes roles and removes. */
export function MembersTab(props: {
  /** What to offer where nobody is found. */ invite: ReactNode
}) {
  const t = useTranslations('team.members')
  const roleName = useTranslations('shell.roles')
  const [filters, setFilters] = useQueryStates(parsers, { history: 'push' })
  const [removing, setRemoving] = useState<Member | null>(null)
  const [changing, setChanging] = useState<{ member: Member; role: OrganizationRole } | null>(null)
  const query = useMemo(
    () => ({
      ...(filters.q?.trim() && { search: filters.q.trim() }),
      ...(filters.role && { role: filters.role }),
    }),
    [filters],
  )
  const list = useEndpointPages(listMembers, { query })
  const soleAdminId = useSoleAdminId()
  const isFiltered = Object.keys(query).length > 0
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-4 pb-3 md:px-6">
        <SearchField
          label={t('search')}
          value={filters.q ?? ''}
          onChange={(q) => void setFilters({ q: q || null }, { history: 'replace' })}
          className="w-64 max-sm:w-full"
        />
        <FilterMenu
          label={t('role')}
          anyLabel={t('anyRole')}
          value={filters.role}
          options={organizationRoles.map((value) => ({ value, label: roleName(value) }))}
          onChange={(role) => void setFilters({ role })}
        />
      </div>
      <GrowingList
        list={list}
        loading={t('loading')}
        failed={t('failed')}
        end={t('allShown')}
        empty={
          isFiltered ? (
            <Empty
              icon={SearchX}
              title={t('noneMatch')}
              action={
                <Button onClick={() => void setFilters({ q: null, role: null })}>
                  {t('clear')}
                </Button>
              }
            />
          ) : (
            <Empty icon={UsersRound} title={t('empty')} action={props.invite} />
          )
        }
      >
        {(members) => (
          <MembersTable
            members={members}
            soleAdminId={soleAdminId}
            onRole={(person, role) => setChanging({ member: person, role })}
            onRemove={setRemoving}
          />
        )}
      </GrowingList>
      {changing && (
        <Suspense fallback={null}>
          <RoleChange {...changing} onClose={() => setChanging(null)} />
        </Suspense>
      )}
      {removing && <RemoveMember member={removing} onClose={() => setRemoving(null)} />}
    </>
  )
}

/** The membership that cannot be given up, because it is the only admin's; null where there are more, or nobody asked. */
function useSoleAdminId(): string | null {
  const mayUpdate = useMay('members.update')
  const { data } = useEndpoint(
    listMembers,
    { query: { role: 'admin', limit: 2 } },
    { enabled: mayUpdate },
  )
  return data?.items.length === 1 ? (data.items[0]?.id ?? null) : null
}
