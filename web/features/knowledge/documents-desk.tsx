'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { downloadDocument, listDocuments, retryDocument } from '#contracts/knowledge'
import { ErrorBox } from '../../components/error-box.tsx'
import { toast } from '../../components/toast.tsx'
import { useDownload } from '../../lib/api/use-download.ts'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { DeleteDocument } from './delete-document.tsx'
import { fileNameOf } from './document-type.ts'
import type { KnowledgeDocument } from './documents-tab.tsx'
import { DocumentsTable, type DocumentVerbs } from './documents-table.tsx'

/** The documents and what is done with one of them; what did not work stands above. */
export function DocumentsDesk({ documents }: { documents: readonly KnowledgeDocument[] }) {
  const t = useTranslations('knowledge.documents')
  const queries = useQueryClient()
  const [deleting, setDeleting] = useState<KnowledgeDocument | null>(null)
  const retry = useEndpointCall(retryDocument, {
    onSuccess: ({ title }) => {
      toast(t('retried', { title }))
      void queries.invalidateQueries({ queryKey: endpointKey(listDocuments) })
    },
  })
  const download = useDownload(downloadDocument)
  const { mutate: sendRetry, reset: forgetRetry } = retry
  const { mutate: sendDownload, reset: forgetDownload } = download
  const verbs = useMemo(
    (): DocumentVerbs => ({
      onRetry({ id }) {
        forgetDownload()
        sendRetry({ params: { documentId: id } })
      },
      onDownload(document) {
        forgetRetry()
        const sent = { params: { documentId: document.id } }
        sendDownload({ sent, fileName: fileNameOf(document) })
      },
      onDelete: setDeleting,
    }),
    [sendRetry, sendDownload, forgetRetry, forgetDownload],
  )
  const failed = retry.error ? 'retryFailed' : 'downloadFailed'
  const failure = retry.error ?? download.error
  return (
    <>
      {failure && (
        <div className="px-4 pb-3 md:px-6">
          <ErrorBox title={t(failed)} error={failure} />
        </div>
      )}
      <DocumentsTable documents={documents} verbs={verbs} />
      {deleting && <DeleteDocument document={deleting} onClose={() => setDeleting(null)} />}
    </>
  )
}
