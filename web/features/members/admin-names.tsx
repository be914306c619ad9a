'use client'
import { useLocale, useTranslations } from 'use-intl'
import { listAdmins } from '#contracts/members'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'

/** Whom to ask for more rights, by name; nothing while they are not known. */
export function AdminNames() {
  const t = useTranslations('refusals')
  const locale = useLocale()
  const { data } = useEndpoint(listAdmins, {})
  if (!data || data.items.length === 0) return null
  const names = data.items.map(({ name, email }) => name || email)
  const list = new Intl.ListFormat(locale, { type: 'disjunction' }).format(names)
  return <p>{t('ask', { names: list })}</p>
}
