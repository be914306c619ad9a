'use client'
import { PhoneOff, Trash2 } from 'lucide-react'
import { parseAsString, useQueryState } from 'nuqs'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { type doNotCallNumber, listDoNotCallNumbers } from '#contracts/do-not-call'
import { Empty } from '../../components/empty.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { IconButton } from '../../components/icon-button.tsx'
import { Moment } from '../../components/moment.tsx'
import { Phone } from '../../components/phone.tsx'
import { SearchedList } from '../../components/searched-list.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { formatPhone } from '../../lib/format/phone.ts'
import { useNow } from '../../lib/use-now.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { RemoveNumber } from './remove-number.tsx'

const AddNumbers = lazy(() =>
  import('./add-numbers.tsx').then((file) => ({ default: file.AddNumbers })),
)

const MINUTE_MS = 60_000

export type DoNotCallNumber = z.output<typeof doNotCallNumber>

/** Numbers that are called no more: searched, added to, and let go again. */
export function DoNotCallList() {
  const t = useTranslations('doNotCall')
  const refusal = useWriteRefusal()
  const [search, setSearch] = useQueryState('number', parseAsString.withDefault(''))
  const [isAdding, setAdding] = useState(false)
  const [leaving, setLeaving] = useState<DoNotCallNumber | null>(null)
  const list = useEndpointPages(listDoNotCallNumbers, { query: search ? { search } : {} })
  const add = (
    <GuardedButton refusal={refusal} onClick={() => setAdding(true)}>
      {t('add')}
    </GuardedButton>
  )
  return (
    <section aria-labelledby="do-not-call" className="max-w-2xl">
      <h2 id="do-not-call" className="font-medium">
        {t('title')}
      </h2>
      <p className="mb-3 text-soft">{t('hint')}</p>
      <SearchedList
        list={list}
        search={search}
        onSearch={(text) => void setSearch(text || null)}
        label={t('search')}
        noneMatch={t('noneMatch')}
        clear={t('clear')}
        add={add}
        barClassName="mb-3"
        loading={t('loading')}
        failed={t('failed')}
        end={t('allShown')}
        empty={<Empty icon={PhoneOff} title={t('empty')} hint={t('emptyHint')} action={add} />}
      >
        {(numbers) => (
          <ul className="divide-y divide-line border-line border-y">
            {numbers.map((one) => (
              <Row key={one.id} number={one} refusal={refusal} onRemove={() => setLeaving(one)} />
            ))}
          </ul>
        )}
      </SearchedList>
      {isAdding && (
        <Suspense fallback={null}>
          <AddNumbers onClose={() => setAdding(false)} />
        </Suspense>
      )}
      {leaving && <RemoveNumber number={leaving} onClose={() => setLeaving(null)} />}
    </section>
  )
}

function Row(props: { number: DoNotCallNumber; refusal: string | null; onRemove(): void }) {
  const t = useTranslations('doNotCall')
  const now = useNow(MINUTE_MS)
  const { number, note, createdAt } = props.number
  return (
    <li className="flex items-center gap-3 py-2">
      <span className="min-w-0 grow">
        <span className="flex flex-wrap items-baseline gap-x-3">
          <Phone number={number} />
          <span className="text-soft text-xs">
            <Moment at={createdAt} now={now} />
          </span>
        </span>
        {note && <span className="block break-words text-soft text-xs">{note}</span>}
      </span>
      <IconButton
        label={t('removeOne', { phone: formatPhone(number) })}
        onClick={props.onRemove}
        disabled={props.refusal !== null}
      >
        <Trash2 aria-hidden className="size-4" />
      </IconButton>
    </li>
  )
}
