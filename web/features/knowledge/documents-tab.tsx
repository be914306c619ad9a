'use client'
import { FileText, FileType, Globe, SearchX } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { documentStates, type knowledgeDocument, listDocuments } from '#contracts/knowledge'
import { Button } from '../../components/button.tsx'
import { Empty } from '../../components/empty.tsx'
import { FeatureOff } from '../../components/feature-off.tsx'
import { FileDrop } from '../../components/file-drop.tsx'
import { FilterMenu } from '../../components/filter-menu.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { ProgressLine } from '../../components/progress-line.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useMay, useMe } from '../../lib/session.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { AskBox } from './ask-box.tsx'
import { DocumentsDesk } from './documents-desk.tsx'
import { acceptedFiles } from './files.ts'
import { UploadList } from './upload-list.tsx'
import type { Uploads } from './use-uploads.ts'

const AddTextDialog = lazy(() =>
  import('./add-text-dialog.tsx').then((file) => ({ default: file.AddTextDialog })),
)
const AddPageDialog = lazy(() =>
  import('./add-page-dialog.tsx').then((file) => ({ default: file.AddPageDialog })),
)

export type KnowledgeDocument = z.output<typeof knowledgeDocument>

const REFRESH_MS = 2_500 // A short document is ready within a few seconds of its upload.

/** What the organization's agents and suggestions can draw on. */
export function DocumentsTab({ uploads }: { uploads: Uploads }) {
  const isOff = useMe().membership?.featuresOff.includes('knowledge')
  const mayWrite = useMay('knowledge.write')
  if (isOff) return <FeatureOff />
  return (
    <>
      <div className="space-y-3 px-4 pb-4 md:px-6">
        <AskBox />
        {mayWrite && <Additions uploads={uploads} />}
      </div>
      <Documents mayWrite={mayWrite} />
    </>
  )
}

function Additions({ uploads }: { uploads: Uploads }) {
  const t = useTranslations('knowledge.add')
  const refusal = useWriteRefusal()
  const [asking, setAsking] = useState<'text' | 'page' | null>(null)
  const close = () => setAsking(null)
  return (
    <section aria-label={t('label')}>
      <div className="flex flex-wrap items-stretch gap-2">
        <FileDrop
          label={t('drop')}
          hint={t('dropHint')}
          action={t('choose')}
          accept={acceptedFiles}
          refusal={refusal}
          onFiles={uploads.add}
          className="grow"
        />
        <div className="flex gap-2 md:flex-col md:justify-center">
          <GuardedButton refusal={refusal} onClick={() => setAsking('text')}>
            <FileType aria-hidden className="size-4 text-soft" />
            {t('text')}
          </GuardedButton>
          <GuardedButton refusal={refusal} onClick={() => setAsking('page')}>
            <Globe aria-hidden className="size-4 text-soft" />
            {t('page')}
          </GuardedButton>
        </div>
      </div>
      <UploadList uploads={uploads} />
      <Suspense fallback={null}>
        {asking === 'text' && <AddTextDialog onClose={close} />}
        {asking === 'page' && <AddPageDialog onClose={close} />}
      </Suspense>
    </section>
  )
}

function Documents({ mayWrite }: { mayWrite: boolean }) {
  const t = useTranslations('knowledge.documents')
  const [search, setSearch] = useQueryState('q', parseAsString.withDefault(''))
  const [state, setState] = useQueryState('state', parseAsStringLiteral(documentStates))
  const query = { ...(search && { search }), ...(state && { state }) }
  const list = useEndpointPages(
    listDocuments,
    { query },
    { refetchInterval: (pages) => (pages.some(isWorking) ? REFRESH_MS : false) },
  )
  const clear = () => {
    void setSearch(null)
    void setState(null)
  }
  const isFiltered = search !== '' || state !== null
  return (
    <>
      {(isFiltered || list.items?.length !== 0) && (
        <div className="flex flex-wrap items-center gap-2 px-4 pb-3 md:px-6">
          <SearchField
            label={t('search')}
            value={search}
            onChange={(text) => void setSearch(text || null)}
            className="w-56 max-sm:grow"
          />
          <FilterMenu
            label={t('state')}
            anyLabel={t('anyState')}
            value={state}
            options={documentStates.map((value) => ({ value, label: t(`states.${value}`) }))}
            onChange={(value) => void setState(value, { history: 'push' })}
          />
        </div>
      )}
      <div className="relative">
        <ProgressLine isActive={list.isFetching && !list.isPending} />
        <GrowingList
          list={list}
          loading={t('loading')}
          failed={t('failed')}
          end={t('allShown')}
          empty={<None isFiltered={isFiltered} mayWrite={mayWrite} onClear={clear} />}
        >
          {(documents) => <DocumentsDesk documents={documents} />}
        </GrowingList>
      </div>
    </>
  )
}

function None(props: { isFiltered: boolean; mayWrite: boolean; onClear(): void }): ReactNode {
  const t = useTranslations('knowledge.documents')
  if (props.isFiltered) {
    return (
      <Empty
        icon={SearchX}
        title={t('noneMatch')}
        action={<Button onClick={props.onClear}>{t('clear')}</Button>}
      />
    )
  }
  const hint = props.mayWrite ? t('emptyHint') : t('emptyReader')
  return <Empty icon={FileText} title={t('empty')} hint={hint} />
}

const isWorking = (page: { items: readonly KnowledgeDocument[] }): boolean =>
  page.items.some(
    ({ state, vendorState }) =>
      state !== 'rejected' && (state !== 'ready' || vendorState === 'pending'),
  )
