'use client'
import { CircleCheck, LoaderCircle, TriangleAlert } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { Controller } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { documentStates, listDocuments } from '#contracts/knowledge'
import { Button } from '../../components/button.tsx'
import { FeatureOff } from '../../components/feature-off.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { StatusChip } from '../../components/status-chip.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { useMe } from '../../lib/session.tsx'
import { Part, useEditor } from './editor-context.tsx'

type Document = { id: string; title: string; state: string }

const MOST = 50 // The API's bound.

/** The documents the agent draws on, and those it could. */
export function KnowledgeTab() {
  const { form, isReadOnly } = useEditor()
  const isOff = useMe().membership?.featuresOff.includes('knowledge')
  if (isOff) return <FeatureOff />
  return (
    <Controller
      control={form.control}
      name="spec.documentIds"
      render={({ field }) => (
        <Choice ids={field.value ?? []} isReadOnly={isReadOnly} onChange={field.onChange} />
      )}
    />
  )
}

function Choice(props: {
  ids: readonly string[]
  isReadOnly: boolean
  onChange(ids: string[]): void
}) {
  const t = useTranslations('agents.knowledge')
  const { agent, messageOf } = useEditor()
  const { ids, isReadOnly, onChange } = props
  // Titles of what was chosen here; those of the saved draft come with it.
  const [seen, setSeen] = useState<readonly Document[]>([])
  const known = new Map([...seen, ...agent.documents].map((document) => [document.id, document]))
  const error = messageOf('spec.documentIds')
  return (
    <div className="space-y-8">
      <Part title={t('attached')} hint={t('attachedHint')}>
        {ids.length === 0 ? (
          <p className="text-soft">{t('noneAttached')}</p>
        ) : (
          <ul
            aria-label={t('attached')}
            className="divide-y divide-line rounded-card border border-line bg-panel"
          >
            {ids.map((id, place) => {
              const document = known.get(id)
              const title = document?.title ?? t('gone')
              return (
                <DocumentRow
                  key={id}
                  title={title}
                  state={document?.state ?? 'gone'}
                  fault={messageOf(`spec.documentIds.${place}`)}
                >
                  {!isReadOnly && (
                    <Button
                      size="small"
                      aria-label={t('detachNamed', { title })}
                      onClick={() => onChange(ids.filter((each) => each !== id))}
                    >
                      {t('detach')}
                    </Button>
                  )}
                </DocumentRow>
              )
            })}
          </ul>
        )}
        {error && (
          <p role="alert" className="text-bad text-xs">
            {error}
          </p>
        )}
      </Part>
      {!isReadOnly && (
        <Part title={t('others')}>
          <Others
            ids={ids}
            onAttach={(document) => {
              setSeen([...seen, document])
              onChange([...ids, document.id])
            }}
          />
        </Part>
      )}
    </div>
  )
}

function Others(props: { ids: readonly string[]; onAttach(document: Document): void }) {
  const t = useTranslations('agents.knowledge')
  const [search, setSearch] = useState('')
  const list = useEndpointPages(listDocuments, { query: search ? { search } : {} })
  const isFull = props.ids.length >= MOST
  return (
    <div className="space-y-3">
      {(search !== '' || list.items?.length !== 0) && (
        <SearchField label={t('search')} value={search} onChange={setSearch} className="max-w-xs" />
      )}
      {isFull && <p className="text-soft">{t('full', { count: MOST })}</p>}
      <div className="-mx-4 md:-mx-6">
        <GrowingList
          list={list}
          loading={t('loading')}
          failed={t('failed')}
          end={t('allShown')}
          empty={
            <p className="px-4 text-soft md:px-6">
              {search ? (
                t('noneMatch')
              ) : (
                <>
                  {t('none')}{' '}
                  <Link href={paths.knowledge()} className="font-medium text-brand hover:underline">
                    {t('toKnowledge')}
                  </Link>
                </>
              )}
            </p>
          }
        >
          {(documents) => (
            <ul
              aria-label={t('others')}
              className="mx-4 divide-y divide-line rounded-card border border-line bg-panel md:mx-6"
            >
              {documents.map((document) => {
                const { id, title, state } = document
                const isAttached = props.ids.includes(id)
                return (
                  <DocumentRow key={id} title={title} state={state}>
                    <Button
                      size="small"
                      disabled={isAttached || isFull}
                      aria-label={t('attachNamed', { title })}
                      onClick={() => props.onAttach({ id, title, state })}
                    >
                      {isAttached ? t('isAttached') : t('attach')}
                    </Button>
                  </DocumentRow>
                )
              })}
            </ul>
          )}
        </GrowingList>
      </div>
    </div>
  )
}

function DocumentRow(props: {
  title: string
  state: string
  fault?: string | undefined
  children: React.ReactNode
}) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <span className="min-w-0 grow basis-40">
        <span className="block break-words font-medium">{props.title}</span>
        {props.fault && <span className="block text-bad text-xs">{props.fault}</span>}
      </span>
      <State state={props.state} />
      {props.children}
    </li>
  )
}

/** How far a document is; one that was deleted since is gone. */
function State({ state }: { state: string }) {
  const t = useTranslations('agents.knowledge.states')
  const known = documentStates.find((each) => each === state)
  if (known === 'ready') return <StatusChip icon={CircleCheck} tone="ok" label={t('ready')} />
  if (known === undefined || known === 'rejected')
    return <StatusChip icon={TriangleAlert} tone="bad" label={t(known ?? 'gone')} />
  return <StatusChip icon={LoaderCircle} tone="brand" isPulsing label={t(known)} />
}
