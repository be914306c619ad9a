'use client'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useLocale, useTranslations } from 'use-intl'
import {
  can,
  organizationRoles,
  type Permission,
  platformRoles,
} from '#api/contract/permissions.ts'
import { useGranters } from '../lib/granters.tsx'
import { paths } from '../lib/paths.ts'
import { useMe } from '../lib/session.tsx'
import { Button } from './button.tsx'
import { ScreenMessage } from './screen-message.tsx'

/** The route exists, the right to it does not: which role has it, who can grant it, and a way out. Never a redirect. */
export function Forbidden({ needs }: { needs: Permission }) {
  const t = useTranslations('refusals')
  const { membership, platformRole } = useMe()
  return (
    <ScreenMessage
      title={t('forbidden')}
      action={
        <Button asChild>
          <Link href={paths.home()}>{t('home')}</Link>
        </Button>
      }
    >
      {isOfOrganizations(needs) && platformRole && !membership ? (
        <p>{t(`outside.${platformRole}`)}</p>
      ) : (
        <Missing needs={needs} />
      )}
    </ScreenMessage>
  )
}

/** The roles that include a permission, and who gives those: an organization's admins its own, a super admin the platform's. */
function Missing({ needs }: { needs: Permission }) {
  const t = useTranslations('refusals')
  const roleName = useTranslations('shell.roles')
  const locale = useLocale()
  const granters = useGranters()
  const isOrganizations = isOfOrganizations(needs)
  const enough = (isOrganizations ? organizationRoles : platformRoles).filter((role) =>
    can(role, needs),
  )
  const format = new Intl.ListFormat(locale, { type: 'disjunction' })
  return (
    <>
      <p>{t('needsRole', { roles: format.format(enough.map((role) => roleName(role))) })}</p>
      {isOrganizations ? (granters ?? <p>{t('askAdmin')}</p>) : <p>{t('askPlatform')}</p>}
    </>
  )
}

const isOfOrganizations = (needs: Permission): boolean =>
  organizationRoles.some((role) => can(role, needs))

/** Also for what belongs to another organization: the two must look alike. */
export const NotFound = (props: { title: string; hint: string; children: ReactNode }) => (
  <ScreenMessage title={props.title} action={props.children}>
    <p>{props.hint}</p>
  </ScreenMessage>
)
