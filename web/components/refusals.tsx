'use client'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useLocale, useTranslations } from 'use-intl'
import { can, organizationRoles, type Permission } from '#api/contract/permissions.ts'
import { useGranters } from '../lib/granters.tsx'
import { paths } from '../lib/paths.ts'
import { useMe } from '../lib/session.tsx'
import { Button } from './button.tsx'
import { ScreenMessage } from './screen-message.tsx'

/** The route exists, the right to it does not: which role has it, who can grant it, and a way out. Never a redirect. */
export function Forbidden(props: { needs?: Permission }) {
  const t = useTranslations('refusals')
  const { membership, platformRole } = useMe()
  const granters = useGranters()
  const needed = useRolesText(props.needs)
  return (
    <ScreenMessage
      title={t('forbidden')}
      action={
        <Button asChild>
          <Link href={paths.home()}>{t('home')}</Link>
        </Button>
      }
    >
      {platformRole && !membership ? (
        <p>{t(`outside.${platformRole}`)}</p>
      ) : (
        <>
          <p>{needed ? t('needsRole', { roles: needed }) : t('notIncluded')}</p>
          {granters ?? <p>{t('askAdmin')}</p>}
        </>
      )}
    </ScreenMessage>
  )
}

/** The roles of an organization that include a permission, in words; empty where none does. */
function useRolesText(needs: Permission | undefined): string {
  const roleName = useTranslations('shell.roles')
  const locale = useLocale()
  const enough = organizationRoles.filter((role) => needs && can(role, needs))
  const format = new Intl.ListFormat(locale, { type: 'disjunction' })
  return format.format(enough.map((role) => roleName(role)))
}

/** Also for what belongs to another organization: the two must look alike. */
export const NotFound = (props: { title: string; hint: string; children: ReactNode }) => (
  <ScreenMessage title={props.title} action={props.children}>
    <p>{props.hint}</p>
  </ScreenMessage>
)
