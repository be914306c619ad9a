'use client'
import { Plus, Swords } from 'lucide-react'
import { parseAsString, useQueryState } from 'nuqs'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { type competitor, listCompetitors } from '#contracts/competitors'
import { Empty } from '../../components/empty.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { SearchedList } from '../../components/searched-list.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useMay } from '../../lib/session.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { CompetitorCard } from './competitor-card.tsx'
import { DeleteCompetitor } from './delete-competitor.tsx'

const CompetitorDialog = lazy(() =>
  import('./competitor-dialog.tsx').then((file) => ({ default: file.CompetitorDialog })),
)

export type Competitor = z.output<typeof competitor>

type Asking =
  | { what: 'add' }
  | { what: 'edit'; competitor: Competitor }
  | { what: 'delete'; competitor: Competitor }

/** Whom customers compare the organization with, and what to say then. */
export function CompetitorsTab() {
  const t = useTranslations('competitors')
  const mayWrite = useMay('competitors.write')
  const refusal = useWriteRefusal()
  const [search, setSearch] = useQueryState('name', parseAsString.withDefault(''))
  const [asking, setAsking] = useState<Asking | null>(null)
  const list = useEndpointPages(listCompetitors, { query: search ? { search } : {} })
  const close = () => setAsking(null)
  const add = mayWrite && (
    <GuardedButton kind="primary" refusal={refusal} onClick={() => setAsking({ what: 'add' })}>
      <Plus aria-hidden className="size-4" />
      {t('add')}
    </GuardedButton>
  )
  return (
    <>
      <SearchedList
        list={list}
        search={search}
        onSearch={(text) => void setSearch(text || null)}
        label={t('search')}
        noneMatch={t('noneMatch')}
        clear={t('clear')}
        add={add}
        barClassName="px-4 pb-4 md:px-6"
        loading={t('loading')}
        skeleton={<CardBones label={t('loading')} />}
        failed={t('failed')}
        end={t('allShown')}
        empty={
          <Empty
            icon={Swords}
            title={t('empty')}
            hint={t(mayWrite ? 'emptyHint' : 'emptyReader')}
            action={add}
          />
        }
      >
        {(competitors) => (
          <ul
            aria-label={t('label')}
            className="grid grid-cols-1 items-start gap-4 px-4 md:px-6 lg:grid-cols-2 2xl:grid-cols-3"
          >
            {competitors.map((each) => (
              <li key={each.id}>
                <CompetitorCard
                  competitor={each}
                  onEdit={() => setAsking({ what: 'edit', competitor: each })}
                  onDelete={() => setAsking({ what: 'delete', competitor: each })}
                />
              </li>
            ))}
          </ul>
        )}
      </SearchedList>
      <Suspense fallback={null}>
        {asking?.what === 'add' && <CompetitorDialog competitor={null} onClose={close} />}
        {asking?.what === 'edit' && (
          <CompetitorDialog competitor={asking.competitor} onClose={close} />
        )}
      </Suspense>
      {asking?.what === 'delete' && (
        <DeleteCompetitor competitor={asking.competitor} onClose={close} />
      )}
    </>
  )
}

const cards = ['first', 'second']

const CardBones = ({ label }: { label: string }) => (
  <Skeleton
    label={label}
    className="grid grid-cols-1 gap-4 px-4 md:px-6 lg:grid-cols-2 2xl:grid-cols-3"
  >
    {cards.map((key) => (
      <span key={key} className="block space-y-4 rounded-card border border-line bg-panel p-4">
        <Bone className="h-4 w-40" />
        <Bone className="w-24" />
        <Bone className="w-4/5" />
        <Bone className="w-24" />
        <Bone className="w-3/5" />
      </span>
    ))}
  </Skeleton>
)
