'use client'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { Fact, Facts } from '../../components/facts.tsx'
import { StatTile, StatTiles } from '../../components/stat-tile.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useMay } from '../../lib/session.tsx'
import type { OrganizationDetail } from './office-status.tsx'

const LimitsDialog = lazy(() =>
  import('./limits-dialog.tsx').then((file) => ({ default: file.LimitsDialog })),
)

const MINUTE_SECONDS = 60

/** Money, use, limits and whom to write to. */
export function OfficeOverview({ organization }: { organization: OrganizationDetail }) {
  const t = useTranslations('platform.organization')
  const format = useFormat()
  const { currency, admins } = organization
  const money = (cents: number) => format.money(cents, { currency })
  return (
    <div className="space-y-6">
      <StatTiles label={t('figures')}>
        <StatTile
          label={t('tiles.balance')}
          value={money(organization.balanceCents)}
          note={t('tiles.held', { held: money(organization.heldCents) })}
        />
        <StatTile
          label={t('tiles.deficit')}
          value={money(organization.deficitCents)}
          note={organization.deficitCents > 0 ? t('tiles.blocked') : t('tiles.noDeficit')}
        />
        <StatTile
          label={t('tiles.running')}
          value={format.number(organization.callsRunning)}
          note={t('tiles.limit', { limit: format.number(organization.maxConcurrentCalls) })}
        />
        <StatTile
          label={t('tiles.calls')}
          value={format.number(organization.calls30d)}
          note={t('tiles.days')}
        />
        <StatTile
          label={t('tiles.minutes')}
          value={format.number(Math.round(organization.billableSeconds30d / MINUTE_SECONDS))}
          note={t('tiles.days')}
        />
        <StatTile
          label={t('tiles.charged')}
          value={money(organization.chargedCents30d)}
          note={t('tiles.days')}
        />
      </StatTiles>
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <section aria-label={t('terms')}>
          <h2 className="mb-1 font-medium">{t('terms')}</h2>
          <Facts>
            <Fact name={t('price')}>
              {t('perHour', { price: money(organization.pricePerHourCents) })}{' '}
              <span className="text-soft">
                {organization.ownPricePerHourCents === null ? t('usualPrice') : t('ownPrice')}
              </span>
            </Fact>
            <Limit organization={organization} />
            <Fact name={t('members')}>{format.number(organization.members)}</Fact>
            <Fact name={t('timeZone')}>{organization.timeZone}</Fact>
            <Fact name={t('created')}>
              <time dateTime={organization.createdAt.toISOString()}>
                {format.day(organization.createdAt)}
              </time>
            </Fact>
          </Facts>
        </section>
        <section aria-label={t('admins')}>
          <h2 className="mb-1 font-medium">{t('admins')}</h2>
          {admins.length === 0 && <p className="text-soft">{t('noAdmins')}</p>}
          <ul className="divide-y divide-line">
            {admins.map((admin) => (
              <li key={admin.userId} className="flex min-h-9 flex-wrap items-center gap-x-3 py-1.5">
                <span className="min-w-0 break-words">{admin.name}</span>
                <a
                  href={`mailto:${admin.email}`}
                  className="min-w-0 break-all text-soft underline underline-offset-2 hover:text-brand"
                >
                  {admin.email}
                </a>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </div>
  )
}

function Limit({ organization }: { organization: OrganizationDetail }) {
  const t = useTranslations('platform.organization')
  const format = useFormat()
  const mayChange = useMay('system.write')
  const [isOpen, setOpen] = useState(false)
  return (
    <Fact name={t('limit')}>
      <span className="flex items-center justify-between gap-3">
        {t('atOnce', { limit: format.number(organization.maxConcurrentCalls) })}
        {mayChange && (
          <Button size="small" onClick={() => setOpen(true)}>
            {t('changeLimit')}
          </Button>
        )}
      </span>
      {isOpen && (
        <Suspense fallback={null}>
          <LimitsDialog organization={organization} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </Fact>
  )
}
