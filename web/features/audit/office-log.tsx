'use client'
import { parseAsString, useQueryState, useQueryStates } from 'nuqs'
import { type ReactNode, useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { exportPlatformAuditEntries, listPlatformAuditEntries } from '#contracts/audit'
import { AuditFilterBar } from '../../components/audit/audit-filter-bar.tsx'
import { AuditLog } from '../../components/audit/audit-log.tsx'
import {
  auditDomains,
  auditParsers,
  platformAuditDomains,
  toAuditQuery,
} from '../../components/audit/filters.ts'
import { ErrorBox } from '../../components/error-box.tsx'
import { useDownload } from '../../lib/api/use-download.ts'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { dayIn } from '../../lib/format/time.ts'
import { useTimeZone } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useNow } from '../../lib/use-now.ts'
import { usePlatformPeople } from '../../lib/use-platform-people.ts'

const DAY_CHECK_MS = 60_000 // "Today" becomes yesterday within a minute of midnight.

/** A chain as the platform's office reads it: its own or, with an id, one organization's. */
export function OfficeLog(props: {
  organizationId: string | null
  children(download: { run(): void; isPending: boolean }): ReactNode
}) {
  const t = useTranslations('audit')
  const { organizationId } = props
  const timeZone = useTimeZone()
  const now = useNow(DAY_CHECK_MS)
  const people = usePlatformPeople()
  const [filters, setFilters] = useQueryStates(auditParsers, { history: 'push' })
  const [entryId, setEntryId] = useQueryState('entry', parseAsString)
  const query = useMemo(
    () => ({
      ...toAuditQuery(filters, { now, timeZone }),
      ...(organizationId && { organizationId }),
    }),
    [filters, now, timeZone, organizationId],
  )
  const list = useEndpointPages(listPlatformAuditEntries, { query })
  const download = useDownload(exportPlatformAuditEntries)
  const fileName = `audit-${organizationId ?? 'platform'}-${dayIn(now, timeZone)}.csv`
  return (
    <AuditLog
      list={list}
      filters={filters}
      onFilter={(part) => void setFilters(part)}
      entryId={entryId}
      onEntry={(id) => void setEntryId(id, { history: entryId ? 'replace' : 'push' })}
      hrefOf={organizationId ? noHref : hrefOf}
    >
      {props.children({
        run: () => download.mutate({ sent: { query }, fileName }),
        isPending: download.isPending,
      })}
      {download.error && <ErrorBox title={t('exportFailed')} error={download.error} />}
      <AuditFilterBar
        filters={filters}
        onChange={(part) =>
          void setFilters(part, { history: 'subject' in part ? 'replace' : 'push' })
        }
        areas={organizationId ? auditDomains : platformAuditDomains}
        people={[...people].map(([value, label]) => ({ value, label }))}
      />
    </AuditLog>
  )
}

const hrefs: Record<string, string> = {
  system: paths.platformConfiguration(),
  wallet: paths.platformConfiguration({ tab: 'prices' }),
  access: paths.platformConfiguration({ tab: 'people' }),
  operations: paths.platformJobs(),
}

/** Where the thing an entry is about can be looked at. */
const hrefOf = ({ action }: { action: string }): string | null =>
  hrefs[action.split('.')[0] ?? ''] ?? null

// What an organization's entries are about lies inside it, where the office has no eyes.
const noHref = () => null
