'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { listFlags, setFlag } from '#contracts/system'
import { FormDialog } from '../../components/form-dialog.tsx'
import { ReasonField } from '../../components/reason-field.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import type { Flag } from './office-flags.tsx'

const reasonOnly = setFlag.body.pick({ reason: true })

/** Switches a feature to what it is not, for a reason. */
export function FlagDialog(props: { organizationId: string; flag: Flag; onClose(): void }) {
  const { organizationId, flag, onClose } = props
  const t = useTranslations('platform.flags')
  const api = useApi()
  const queries = useQueryClient()
  const feature = t(`names.${flag.flag}`)
  const way = flag.enabled ? 'off' : 'on'
  const { form, submit, failure, messageOf, isSending } = useApiForm(reasonOnly, {
    values: { reason: '' },
    send: async ({ reason }) => {
      await api(setFlag, {
        params: { organizationId },
        body: { flag: flag.flag, enabled: !flag.enabled, reason },
      })
      toast(t(`done.${way}`, { feature }))
      onClose()
      await queries.invalidateQueries({ queryKey: endpointKey(listFlags) })
    },
  })
  return (
    <FormDialog
      title={t(`title.${way}`, { feature })}
      hint={t(`effect.${way}`)}
      action={t(`action.${way}`)}
      kind={flag.enabled ? 'danger' : 'primary'}
      isSending={isSending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <ReasonField error={messageOf('reason')} register={() => form.register('reason')} />
    </FormDialog>
  )
}
