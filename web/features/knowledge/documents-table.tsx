'use client'
import { Download, Ellipsis, RotateCw } from 'lucide-react'
import Link from 'next/link'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { IconButton } from '../../components/icon-button.tsx'
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../components/menu.tsx'
import { Moment } from '../../components/moment.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { DocumentState } from './document-state.tsx'
import { typeKeyOf } from './document-type.ts'
import type { KnowledgeDocument } from './documents-tab.tsx'

const NOW_MS = 60_000
const SHOWN_AGENTS = 2

export type DocumentVerbs = {
  onDownload(document: KnowledgeDocument): void
  onRetry(document: KnowledgeDocument): void
  onDelete(document: KnowledgeDocument): void
}

export function DocumentsTable(props: {
  documents: readonly KnowledgeDocument[]
  verbs: DocumentVerbs
}) {
  const t = useTranslations('knowledge.documents')
  return (
    <DataTable
      caption={t('caption')}
      columns={useColumns(props.verbs)}
      rows={props.documents}
      rowKey={(document) => document.id}
    />
  )
}

function useColumns(verbs: DocumentVerbs): Column<KnowledgeDocument>[] {
  const t = useTranslations('knowledge.documents')
  const format = useFormat()
  const now = useNow(NOW_MS)
  return useMemo(
    () => [
      {
        key: 'title',
        header: t('columns.title'),
        className: 'max-w-0 w-[40%] py-1.5',
        cell: (document) => <Title document={document} />,
      },
      {
        key: 'state',
        header: t('columns.state'),
        className: 'py-1.5 @3xl:w-[24%]',
        cell: (document) => <DocumentState document={document} />,
      },
      {
        key: 'agents',
        header: t('columns.agents'),
        from: 'md',
        cell: (document) => <UsingAgents document={document} />,
      },
      {
        key: 'type',
        header: t('columns.type'),
        from: 'sm',
        cell: (document) => t(`types.${typeKeyOf(document)}`),
      },
      {
        key: 'size',
        header: t('columns.size'),
        from: 'md',
        isNumeric: true,
        className: 'whitespace-nowrap',
        cell: ({ sizeBytes }) => (sizeBytes > 0 ? format.size(sizeBytes) : '–'),
      },
      {
        key: 'chunks',
        header: t('columns.chunks'),
        from: 'md',
        isNumeric: true,
        cell: ({ chunks, state }) => (state === 'ready' ? format.number(chunks) : '–'),
      },
      {
        key: 'updated',
        header: t('columns.updated'),
        from: 'sm',
        cell: (document) => <Moment at={document.updatedAt} now={now} />,
      },
      {
        key: 'actions',
        header: <span className="sr-only">{t('columns.actions')}</span>,
        className: 'w-12 text-right',
        cell: (document) => <Actions document={document} verbs={verbs} />,
      },
    ],
    [t, format, now, verbs],
  )
}

function Title({ document }: { document: KnowledgeDocument }) {
  const t = useTranslations('knowledge.documents')
  const { title, sourceUrl, uploadedBy } = document
  return (
    <>
      <span
        className="line-clamp-2 break-words font-medium"
        title={uploadedBy ? t('titleBy', { title, name: uploadedBy }) : title}
      >
        {title}
      </span>
      {sourceUrl && (
        <a
          href={sourceUrl}
          target="_blank"
          rel="noreferrer"
          title={sourceUrl}
          className="block truncate rounded-sm text-soft text-xs hover:text-ink hover:underline"
        >
          {sourceUrl.replace(/^https?:\/\//, '')}
          <span className="sr-only"> {t('newTab')}</span>
        </a>
      )}
    </>
  )
}

/** The first two by name; of more, how many. */
function UsingAgents({ document }: { document: KnowledgeDocument }) {
  const t = useTranslations('knowledge.documents')
  const mayRead = useMay('agents.read')
  const { agents } = document
  if (agents.length === 0) return '–'
  return (
    <ul aria-label={t('usedBy')} title={agents.map(({ name }) => name).join(', ')}>
      {agents.slice(0, SHOWN_AGENTS).map(({ id, name }) => (
        <li key={id} className="max-w-40 truncate">
          {mayRead ? (
            <Link href={paths.agent(id)} className="rounded-sm hover:underline">
              {name}
            </Link>
          ) : (
            name
          )}
        </li>
      ))}
      {agents.length > SHOWN_AGENTS && (
        <li className="text-soft text-xs">
          {t('moreAgents', { count: agents.length - SHOWN_AGENTS })}
        </li>
      )}
    </ul>
  )
}

/** Readers take the original along; who may write also reads again and deletes. */
function Actions({ document, verbs }: { document: KnowledgeDocument; verbs: DocumentVerbs }) {
  const t = useTranslations('knowledge.documents')
  const mayWrite = useMay('knowledge.write')
  const refusal = useWriteRefusal()
  const { title, state, vendorState } = document
  // A page has no original before it was fetched.
  const hasOriginal = document.sizeBytes > 0
  if (!mayWrite) {
    return (
      hasOriginal && (
        <IconButton
          label={t('downloadNamed', { title })}
          onClick={() => verbs.onDownload(document)}
        >
          <Download aria-hidden className="size-4" />
        </IconButton>
      )
    )
  }
  return (
    <div className="flex items-center justify-end">
      {(state === 'rejected' || vendorState === 'failed') && (
        <GuardedButton
          kind="quiet"
          size="small"
          refusal={refusal}
          aria-label={t(state === 'rejected' ? 'retryNamed' : 'vendor.retryNamed', { title })}
          onClick={() => verbs.onRetry(document)}
        >
          <RotateCw aria-hidden className="size-3.5 text-soft" />
          <span className="@max-3xl:hidden">{t('retry')}</span>
        </GuardedButton>
      )}
      <Menu
        align="end"
        trigger={
          <IconButton label={t('actionsOf', { title })}>
            <Ellipsis aria-hidden className="size-4" />
          </IconButton>
        }
      >
        {refusal && (
          <>
            <MenuLabel>{refusal}</MenuLabel>
            <MenuLine />
          </>
        )}
        <MenuItem disabled={!hasOriginal} onSelect={() => verbs.onDownload(document)}>
          {t('download')}
        </MenuItem>
        <MenuItem disabled={refusal !== null} onSelect={() => verbs.onDelete(document)}>
          {t('delete')}
        </MenuItem>
      </Menu>
    </div>
  )
}
