'use client'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import type { platformStatus } from '#contracts/operations'
import { Moment } from '../../components/moment.tsx'
import { StatTile, StatTiles } from '../../components/stat-tile.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'

type Status = z.output<typeof platformStatus>

export function StatusFigures({ status, now }: { status: Status; now: Date }) {
  const t = useTranslations('platform.status')
  const format = useFormat()
  const { queues, holds, verification } = status
  const gateways = status.processes.flatMap(({ gateway, state }) =>
    gateway && state !== 'lost' ? [gateway] : [],
  )
  const pending = sum(gateways.map(({ pendingCalls }) => pendingCalls))
  return (
    <div className="px-4 md:px-6">
      <StatTiles label={t('figures')}>
        <StatTile
          label={t('liveCalls')}
          value={format.number(sum(gateways.map(({ calls }) => calls)))}
          note={t('gateways', { count: gateways.length })}
        />
        <StatTile
          label={t('holds')}
          value={format.number(holds.open)}
          note={t('held', { amount: format.money(holds.heldCents) })}
        />
        <StatTile
          label={t('waiting')}
          value={format.number(queues.waiting)}
          note={
            queues.oldestWaitingSeconds === null
              ? t('nothingWaits')
              : t('oldest', { age: format.duration(queues.oldestWaitingSeconds) })
          }
          href={paths.platformJobs()}
        />
        <StatTile
          label={t('failedJobs')}
          value={format.number(queues.failed)}
          note={queues.failed > 0 ? t('failedNote') : t('noneFailed')}
          href={paths.platformJobs()}
        />
        <StatTile
          label={t('pending')}
          value={format.number(pending)}
          note={pending > 0 ? t('pendingNote') : t('nothingPending')}
        />
        <StatTile
          label={t('verification')}
          value={verificationText(verification, t)}
          note={
            verification ? (
              <Moment at={verification.checkedAt} now={now} style="ago" />
            ) : (
              t('verificationNever')
            )
          }
        />
      </StatTiles>
    </div>
  )
}

function verificationText(
  verification: Status['verification'],
  t: ReturnType<typeof useTranslations<'platform.status'>>,
): string {
  if (!verification) return t('unknown')
  if (verification.findings > 0) return t('findings', { count: verification.findings })
  return verification.ok ? t('holdsTrue') : t('unfinished')
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)
