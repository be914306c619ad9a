'use client'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { getMe } from '#contracts/access'
import { acceptInvitation, type invitationPreview, previewInvitation } from '#contracts/invitations'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import type { ApiError } from '../../lib/api/api-error.ts'
import { useEndpoint, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import type { Me } from '../../lib/session.tsx'
import { fitsHint, keptToken } from './token.ts'
import { useToken } from './use-token.ts'

type Preview = z.output<typeof invitationPreview>

type InviteProps = {
  /** `undefined` until Clerk knows. */
  isSignedIn: boolean | undefined
  /** Signs out and comes back here. */
  onSwitch(): void
}

/** What a mailed link leads to: who invites, and the one next step for whoever opened it. */
export function InviteScreen(props: InviteProps) {
  const t = useTranslations('invite')
  const token = useToken()
  const preview = useEndpoint(
    previewInvitation,
    { body: { token: token ?? '' } },
    { enabled: Boolean(token) },
  )
  const me = useEndpoint(getMe, {}, { enabled: Boolean(token) && props.isSignedIn === true })
  if (token === null) return <Message title={t('noLink')} text={t('noLinkHint')} toConsole />
  if (preview.error)
    return <PreviewFailed error={preview.error} onRetry={() => void preview.refetch()} />
  if (me.error) {
    return <ErrorBox title={t('meFailed')} error={me.error} onRetry={() => void me.refetch()} />
  }
  const isWaiting = props.isSignedIn === undefined || (props.isSignedIn && !me.data)
  if (!token || !preview.data || isWaiting) return <InviteSkeleton />
  if (preview.data.status !== 'pending') {
    return <Closed preview={preview.data} status={preview.data.status} />
  }
  return (
    <Open
      preview={preview.data}
      token={token}
      // Whoever has just signed out is still in the cache.
      me={(props.isSignedIn && me.data) || null}
      onSwitch={props.onSwitch}
      onOutdated={() => void preview.refetch()}
    />
  )
}

function PreviewFailed({ error, onRetry }: { error: ApiError; onRetry(): void }) {
  const t = useTranslations('invite')
  if (error.status === 404 || error.status === 400) {
    return <Message title={t('unknown')} text={t('unknownHint')} toConsole />
  }
  return <ErrorBox title={t('failed')} error={error} onRetry={onRetry} />
}

function Closed(props: { preview: Preview; status: 'expired' | 'accepted' | 'revoked' }) {
  const t = useTranslations('invite.closed')
  const organization = props.preview.organizationName
  return (
    <Message
      title={t(`${props.status}.title`)}
      text={t(`${props.status}.text`, { organization })}
      toConsole={props.status === 'accepted'}
    />
  )
}

type OpenProps = {
  preview: Preview
  token: string
  me: Me | null
  onSwitch(): void
  /** The invitation is no longer what the preview says. */
  onOutdated(): void
}

function Open(props: OpenProps) {
  const t = useTranslations('invite')
  const router = useRouter()
  const { preview, me } = props
  const [isDone, setDone] = useState(false)
  const accept = useEndpointCall(acceptInvitation, {
    onSuccess: () => {
      keptToken.forget()
      setDone(true)
      router.replace(paths.home())
    },
  })
  const refusal = accept.error?.code
  const isShut = preview.organizationStatus !== 'active'
  if (isShut || refusal === 'invitations.organization_not_active') {
    return (
      <Message
        title={t('notActive')}
        text={t('notActiveHint', { organization: preview.organizationName })}
      />
    )
  }
  if (!me) return <SignedOut preview={preview} />
  if (me.membership || refusal === 'members.already_member') {
    return <AlreadyMember membership={me.membership} onSwitch={props.onSwitch} />
  }
  if (!fitsHint(me.email, preview.emailHint) || refusal === 'invitations.other_address') {
    return <OtherAddress preview={preview} email={me.email} onSwitch={props.onSwitch} />
  }
  return (
    <Offer preview={preview}>
      <p className="text-soft">{t('signedInAs', { email: me.email })}</p>
      {accept.error && <ErrorBox title={t('acceptFailed')} error={accept.error} />}
      <div className="flex flex-wrap gap-2">
        <Button
          kind="primary"
          disabled={accept.isPending || isDone}
          onClick={() =>
            accept.mutate(
              { body: { token: props.token } },
              { onError: (error) => closedSince(error) && props.onOutdated() },
            )
          }
        >
          {accept.isPending || isDone ? t('joining') : t('join')}
        </Button>
        <Button onClick={props.onSwitch}>{t('switch')}</Button>
      </div>
    </Offer>
  )
}

const closedSince = ({ code }: ApiError): boolean =>
  ['invitations.expired', 'invitations.revoked', 'invitations.accepted'].includes(code)

function SignedOut({ preview }: { preview: Preview }) {
  const t = useTranslations('invite')
  const back = new URLSearchParams({ redirect_url: paths.invite() })
  return (
    <Offer preview={preview}>
      <p className="text-soft">{t('signInHint', { email: preview.emailHint })}</p>
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" asChild>
          <Link href={`${paths.signUp()}?${back}`}>{t('signUp')}</Link>
        </Button>
        <Button asChild>
          <Link href={`${paths.signIn()}?${back}`}>{t('signIn')}</Link>
        </Button>
      </div>
    </Offer>
  )
}

function OtherAddress(props: { preview: Preview; email: string; onSwitch(): void }) {
  const t = useTranslations('invite')
  return (
    <Message
      title={t('otherAddress')}
      text={t('otherAddressHint', { invited: props.preview.emailHint, email: props.email })}
    >
      <Button kind="primary" onClick={props.onSwitch}>
        {t('switch')}
      </Button>
    </Message>
  )
}

function AlreadyMember(props: { membership: Me['membership']; onSwitch(): void }) {
  const t = useTranslations('invite')
  const organization = props.membership?.organizationName
  return (
    <Message
      title={t('alreadyMember')}
      text={organization ? t('alreadyMemberOf', { organization }) : t('alreadyMemberHint')}
      toConsole
    >
      <Button onClick={props.onSwitch}>{t('switch')}</Button>
    </Message>
  )
}

/** The invitation itself: who invites to what, until when. */
function Offer({ preview, children }: { preview: Preview; children: ReactNode }) {
  const t = useTranslations('invite')
  const roleName = useTranslations('shell.roles')
  const effects = useTranslations('team.roleChange.effects')
  const format = useFormat()
  return (
    <div className="space-y-4">
      <div>
        <h1 className="text-balance font-semibold text-lg">
          {t('title', { organization: preview.organizationName })}
        </h1>
        <p className="mt-1">
          {t.rich('role', {
            role: roleName(preview.role),
            strong: (text) => <strong className="font-medium">{text}</strong>,
          })}{' '}
          <span className="text-soft">{effects(preview.role)}</span>
        </p>
        <p className="mt-1 text-soft">
          {t('goodUntil', { moment: format.moment(preview.expiresAt) })}
        </p>
      </div>
      {children}
    </div>
  )
}

function Message(props: {
  title: string
  text: string
  toConsole?: boolean
  children?: ReactNode
}) {
  const t = useTranslations('invite')
  return (
    <div className="space-y-4">
      <div>
        <h1 className="text-balance font-semibold text-lg">{props.title}</h1>
        <p className="mt-1 text-soft">{props.text}</p>
      </div>
      <div className="flex flex-wrap gap-2 empty:hidden">
        {props.toConsole && (
          <Button kind={props.children ? 'primary' : 'plain'} asChild>
            <Link href={paths.home()}>{t('toConsole')}</Link>
          </Button>
        )}
        {props.children}
      </div>
    </div>
  )
}

function InviteSkeleton() {
  const t = useTranslations('invite')
  return (
    <Skeleton label={t('loading')} className="space-y-4">
      <h1 className="sr-only">{t('loading')}</h1>
      <Bone className="h-5 w-72 max-w-full" />
      <Bone className="w-56" />
      <Bone className="h-8 w-32" />
    </Skeleton>
  )
}
