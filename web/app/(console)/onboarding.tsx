'use client'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { OwnInvitations, useOwnInvitations } from '../../features/invitations/own-invitations.tsx'
import { CreateOrganization } from '../../features/organizations/create-organization.tsx'
import { useMe } from '../../lib/session.tsx'

const ways = ['create', 'invitation'] as const

/** For a person who has an account and no organization: found one, or join the one that invited them. */
export function Onboarding({ onSignOut }: { onSignOut(): void }) {
  const t = useTranslations('onboarding')
  const { name, email } = useMe()
  const [chosen, setChosen] = useQueryState('start', parseAsStringLiteral(ways))
  const count = useOwnInvitations().data?.items.length ?? 0
  return (
    <div className="mx-auto w-full max-w-lg px-4 py-10 md:py-16">
      <h1 className="font-semibold text-lg">{name ? t('welcomeNamed', { name }) : t('welcome')}</h1>
      <p className="mt-1 text-soft">{t('hint')}</p>
      <Tabs
        label={t('ways.label')}
        value={chosen ?? (count > 0 ? 'invitation' : 'create')}
        onChange={(way) => void setChosen(way)}
        className="mt-6"
        tabs={[
          { value: 'create', label: t('ways.create'), content: <CreateOrganization /> },
          {
            value: 'invitation',
            label: count > 0 ? t('ways.invitations', { count }) : t('ways.invitation'),
            content: <OwnInvitations />,
          },
        ]}
      />
      <p className="mt-10 flex flex-wrap items-center gap-x-2 border-line border-t pt-4 text-soft text-xs">
        {t('signedInAs', { email })}
        <Button kind="quiet" size="small" onClick={onSignOut}>
          {t('signOut')}
        </Button>
      </p>
    </div>
  )
}
