'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { useTranslations } from 'use-intl'
import { getMe } from '#contracts/access'
import { acceptOwnInvitation, listOwnInvitations } from '#contracts/invitations'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { Field } from '../../components/field.tsx'
import { Form } from '../../components/form.tsx'
import { Input } from '../../components/input.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { endpointKey, useEndpoint, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useMe } from '../../lib/session.tsx'
import { tokenIn } from './token.ts'

const REFRESH_MS = 15_000 // Somebody may be waiting for a colleague to invite them.

export const useOwnInvitations = () =>
  useEndpoint(listOwnInvitations, {}, { refetchInterval: REFRESH_MS })

/** The invitations that wait for the signed-in address, each a press away; a link from elsewhere can be pasted. */
export function OwnInvitations() {
  const t = useTranslations('onboarding.invitations')
  const roleName = useTranslations('shell.roles')
  const format = useFormat()
  const queries = useQueryClient()
  const { email } = useMe()
  const list = useOwnInvitations()
  const accept = useEndpointCall(acceptOwnInvitation, {
    onSuccess: () => void queries.invalidateQueries({ queryKey: endpointKey(getMe) }),
  })
  return (
    <div className="space-y-4">
      {list.isPending && (
        <Skeleton label={t('loading')} className="space-y-2">
          <Bone className="h-16" />
        </Skeleton>
      )}
      {list.error && (
        <ErrorBox
          title={t('failed')}
          error={list.error}
          onRetry={() => void list.refetch()}
          isRetrying={list.isFetching}
        />
      )}
      {list.data?.items.length === 0 && (
        <p className="text-soft">
          {t.rich('none', {
            email,
            strong: (text) => <strong className="font-medium text-ink">{text}</strong>,
          })}
        </p>
      )}
      {accept.error && <ErrorBox title={t('acceptFailed')} error={accept.error} />}
      {list.data && list.data.items.length > 0 && (
        <ul className="space-y-2">
          {list.data.items.map((one) => (
            <li
              key={one.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border border-line bg-panel px-4 py-3"
            >
              <div className="min-w-0 grow">
                <p className="truncate font-medium">{one.organizationName}</p>
                <p className="text-soft text-xs">
                  {one.invitedBy
                    ? t('roleBy', { role: roleName(one.role), name: one.invitedBy })
                    : roleName(one.role)}
                  {' · '}
                  {t('until', { moment: format.moment(one.expiresAt) })}
                </p>
              </div>
              <Button
                kind="primary"
                disabled={accept.isPending || accept.isSuccess}
                aria-label={t('joinNamed', { organization: one.organizationName })}
                onClick={() => accept.mutate({ params: { invitationId: one.id } })}
              >
                {t('join')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <PastedLink />
    </div>
  )
}

function PastedLink() {
  const t = useTranslations('onboarding.invitations')
  const router = useRouter()
  const [text, setText] = useState('')
  const [isWrong, setWrong] = useState(false)
  const open = (event: FormEvent) => {
    event.preventDefault()
    const token = tokenIn(text)
    setWrong(token === null)
    if (token) router.push(`${paths.invite()}#${token}`)
  }
  return (
    <Form onSubmit={open}>
      <Field label={t('link')} hint={t('linkHint')} error={isWrong ? t('linkWrong') : undefined}>
        {(control) => (
          <div className="flex gap-2">
            <Input
              {...control}
              value={text}
              autoComplete="off"
              onChange={(event) => setText(event.target.value)}
            />
            <Button type="submit" disabled={text.trim() === ''}>
              {t('open')}
            </Button>
          </div>
        )}
      </Field>
    </Form>
  )
}
