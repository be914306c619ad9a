'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { deleteCompetitor, listCompetitors } from '#contracts/competitors'
import { Confirm } from '../../components/confirm.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import type { Competitor } from './competitors-tab.tsx'

/** Asks before a competitor and all that was noted about them goes. */
export function DeleteCompetitor(props: { competitor: Competitor; onClose(): void }) {
  const t = useTranslations('competitors.deletion')
  const queries = useQueryClient()
  const { id, name } = props.competitor
  const remove = useEndpointCall(deleteCompetitor, {
    onSuccess: () => {
      toast(t('done', { name }))
      void queries.invalidateQueries({ queryKey: endpointKey(listCompetitors) })
      props.onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={props.onClose}
      title={t('title', { name })}
      effect={t('effect')}
      action={t('action')}
      isSending={remove.isPending}
      onConfirm={() => remove.mutate({ params: { competitorId: id } })}
      failure={remove.error}
    />
  )
}
