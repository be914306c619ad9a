'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { deleteDocument, listDocuments, searchKnowledge } from '#contracts/knowledge'
import { Confirm } from '../../components/confirm.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import type { KnowledgeDocument } from './documents-tab.tsx'

/** Asks before a document is taken from everybody. */
export function DeleteDocument(props: { document: KnowledgeDocument; onClose(): void }) {
  const t = useTranslations('knowledge.deletion')
  const queries = useQueryClient()
  const { id, title } = props.document
  const remove = useEndpointCall(deleteDocument, {
    onSuccess: () => {
      toast(t('done', { title }))
      void queries.invalidateQueries({ queryKey: endpointKey(listDocuments) })
      void queries.invalidateQueries({ queryKey: endpointKey(searchKnowledge) })
      props.onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={props.onClose}
      title={t('title', { title })}
      effect={t('effect')}
      action={t('action')}
      isSending={remove.isPending}
      onConfirm={() => remove.mutate({ params: { documentId: id } })}
      failure={remove.error}
    />
  )
}
