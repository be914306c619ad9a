'use client'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { DataTable } from '../../components/data-table.tsx'
import { paths } from '../../lib/paths.ts'
import type { Metrics } from './metrics.ts'
import { useSumColumns } from './use-sum-columns.tsx'

type Top = Metrics['top'][number]

export function TopOrganizations({ top }: { top: readonly Top[] }) {
  const t = useTranslations('platform.overview')
  const columns = useSumColumns<Top>()
  return (
    <section aria-label={t('top')}>
      <h2 className="mb-2 font-medium">{t('top')}</h2>
      {top.length === 0 ? (
        <p className="rounded-card border border-line bg-panel px-4 py-6 text-soft">{t('noTop')}</p>
      ) : (
        <DataTable
          caption={t('top')}
          rows={top}
          rowKey={(row) => row.organizationId}
          isInCard
          className="rounded-card border border-line bg-panel"
          columns={[
            {
              key: 'name',
              header: t('organization'),
              cell: (row) => (
                <Link
                  href={paths.platformOrganization(row.organizationId)}
                  className="font-medium underline-offset-2 hover:underline"
                >
                  {row.name}
                </Link>
              ),
            },
            ...columns,
          ]}
        />
      )}
    </section>
  )
}
