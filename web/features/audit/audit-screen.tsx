'use client'
import { Download, ShieldCheck } from 'lucide-react'
import { parseAsString, useQueryState, useQueryStates } from 'nuqs'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { exportAuditEntries, listAuditEntries, verifyAudit } from '#contracts/audit'
import { listMembers } from '#contracts/members'
import { AuditFilterBar } from '../../components/audit/audit-filter-bar.tsx'
import { AuditLog } from '../../components/audit/audit-log.tsx'
import { AuditVerdict } from '../../components/audit/audit-verdict.tsx'
import { auditParsers, toAuditQuery } from '../../components/audit/filters.ts'
import type { AuditEntry } from '../../components/audit/words.ts'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Forbidden } from '../../components/refusals.tsx'
import { useDownload } from '../../lib/api/use-download.ts'
import { useEndpoint, useEndpointCall, useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { dayIn } from '../../lib/format/time.ts'
import { useTimeZone } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'

const DAY_CHECK_MS = 60_000 // "Today" becomes yesterday within a minute of midnight.
const MAX_PEOPLE = 100 // One page; a longer menu would be searched by id instead.

/** What was done in the organization: filters in the address, a difference per entry, export, proof of the chain. */
export function AuditScreen() {
  return useMay('audit.read') ? <Audit /> : <Forbidden needs="audit.read" />
}

function Audit() {
  const t = useTranslations('audit')
  const timeZone = useTimeZone()
  const now = useNow(DAY_CHECK_MS)
  const [filters, setFilters] = useQueryStates(auditParsers, { history: 'push' })
  const [entryId, setEntryId] = useQueryState('entry', parseAsString)
  const query = useMemo(() => toAuditQuery(filters, { now, timeZone }), [filters, now, timeZone])
  const list = useEndpointPages(listAuditEntries, { query })
  const people = usePeople()
  const verify = useEndpointCall(verifyAudit)
  const download = useDownload(exportAuditEntries)
  return (
    <AuditLog
      list={list}
      filters={filters}
      onFilter={(part) => void setFilters(part)}
      entryId={entryId}
      onEntry={(id) => void setEntryId(id, { history: entryId ? 'replace' : 'push' })}
      hrefOf={hrefOf}
    >
      <PageHeader
        title={t('title')}
        actions={
          <>
            <Button onClick={() => verify.mutate({})} disabled={verify.isPending}>
              <ShieldCheck aria-hidden className="size-4 text-soft" />
              {verify.isPending ? t('verifying') : t('verify')}
            </Button>
            <Button
              onClick={() =>
                download.mutate({
                  sent: { query },
                  fileName: `audit-${dayIn(now, timeZone)}.csv`,
                })
              }
              disabled={download.isPending}
            >
              <Download aria-hidden className="size-4 text-soft" />
              {t('export')}
            </Button>
          </>
        }
      />
      {verify.data && <AuditVerdict verdict={verify.data} />}
      {verify.error && <ErrorBox title={t('verifyFailed')} error={verify.error} />}
      {download.error && <ErrorBox title={t('exportFailed')} error={download.error} />}
      <AuditFilterBar
        filters={filters}
        onChange={(part) =>
          void setFilters(part, { history: 'subject' in part ? 'replace' : 'push' })
        }
        people={people}
      />
    </AuditLog>
  )
}

function usePeople() {
  const { data } = useEndpoint(listMembers, { query: { limit: MAX_PEOPLE } })
  return (
    useMemo(
      () => data?.items.map(({ userId, name, email }) => ({ value: userId, label: name || email })),
      [data],
    ) ?? []
  )
}

const hrefs: Record<string, (subject: string) => string> = {
  calls: paths.call,
  recordings: paths.call,
  members: () => paths.team(),
  invitations: () => paths.team({ tab: 'invitations' }),
  organizations: () => paths.settings(),
  'api-keys': () => paths.settings({ tab: 'api-keys' }),
  'outgoing-webhooks': () => paths.settings({ tab: 'webhooks' }),
}

/** Where the thing an entry is about can be looked at, where the console has a screen for it. */
function hrefOf(entry: AuditEntry): string | null {
  const [domain = ''] = entry.action.split('.')
  return hrefs[domain]?.(entry.subject) ?? null
}
