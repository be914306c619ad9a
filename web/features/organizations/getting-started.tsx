'use client'
import { CircleCheck, CircleDashed, X } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { listAgents } from '#contracts/agents'
import { listCalls } from '#contracts/calls'
import { listInvitations } from '#contracts/invitations'
import { listMembers } from '#contracts/members'
import { listPhoneNumbers } from '#contracts/phone-numbers'
import { getWallet } from '#contracts/wallet'
import { IconButton } from '../../components/icon-button.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay, useMe } from '../../lib/session.tsx'
import { useCallRefusal } from '../../lib/use-call-refusal.ts'
import { usePreferences } from '../../lib/use-preferences.tsx'

type Step = {
  key: 'topUp' | 'number' | 'agent' | 'attach' | 'call' | 'invite'
  isDone: boolean
  /** Where it is done, where the console has a screen for it. */
  href?: string
  isExternal?: boolean
}

/** What a new organization still lacks, for its admins: from what there is now, until all is there or it is put away. */
export function GettingStarted() {
  const isAdmin = useMay('organization.update')
  const { preferences } = usePreferences()
  return isAdmin && !preferences.isChecklistPutAway ? <Checklist /> : null
}

function Checklist() {
  const t = useTranslations('gettingStarted')
  const { change } = usePreferences()
  const steps = useSteps()
  // Half an answer would call done what is not, or the other way round.
  if (!steps || steps.every((step) => step.isDone)) return null
  const done = steps.filter((step) => step.isDone).length
  return (
    <section
      aria-labelledby="getting-started"
      className="mx-4 mt-5 animate-appear rounded-card border border-line bg-panel p-4 md:mx-6"
    >
      <div className="flex items-start justify-between gap-3">
        <div>
          <h2 id="getting-started" className="font-semibold text-base">
            {t('title')}
          </h2>
          <p className="text-soft">{t('progress', { done, count: steps.length })}</p>
        </div>
        <IconButton label={t('putAway')} onClick={() => change({ isChecklistPutAway: true })}>
          <X aria-hidden className="size-4" />
        </IconButton>
      </div>
      <ol className="mt-3 grid gap-x-6 gap-y-1 sm:grid-cols-2 xl:grid-cols-3">
        {steps.map((step) => (
          <StepLine key={step.key} step={step} />
        ))}
      </ol>
    </section>
  )
}

function StepLine({ step }: { step: Step }) {
  const t = useTranslations('gettingStarted')
  const Icon = step.isDone ? CircleCheck : CircleDashed
  const text = t(`steps.${step.key}`)
  const linkClass = 'underline underline-offset-2 hover:text-brand'
  return (
    <li className="flex min-h-7 items-center gap-2">
      <Icon aria-hidden className={`size-4 shrink-0 ${step.isDone ? 'text-ok' : 'text-soft'}`} />
      <span className="sr-only">{step.isDone ? t('done') : t('open')}</span>
      {step.isDone || !step.href ? (
        <span className={step.isDone ? 'text-soft' : undefined}>{text}</span>
      ) : step.isExternal ? (
        <Softphone href={step.href} linkClass={linkClass}>
          {text}
        </Softphone>
      ) : (
        <Link href={step.href} className={linkClass}>
          {text}
        </Link>
      )}
    </li>
  )
}

/** A call that would be refused is better not begun: then the reason stands there. */
function Softphone(props: { href: string; linkClass: string; children: string }) {
  const t = useTranslations('gettingStarted')
  const refusal = useCallRefusal('agent')
  if (refusal) {
    return (
      <span>
        {props.children} <span className="text-soft text-xs">{refusal}</span>
      </span>
    )
  }
  return (
    <a href={props.href} target="_blank" rel="noreferrer" className={props.linkClass}>
      {props.children}
      <span className="sr-only"> {t('newTab')}</span>
    </a>
  )
}

const ONE = { query: { limit: 1 } } as const
const TWO = { query: { limit: 2 } } as const
const MANY = { query: { limit: 100 } } as const // The API's largest page; any attached number among them will do.

/** Each step with whether it is done; null until all is known. */
function useSteps(): Step[] | null {
  const { sandbox } = useMe()
  const wallet = useEndpoint(getWallet, {})
  const numbers = useEndpoint(listPhoneNumbers, MANY)
  const agents = useEndpoint(listAgents, ONE)
  const calls = useEndpoint(listCalls, ONE)
  const members = useEndpoint(listMembers, TWO)
  const invitations = useEndpoint(listInvitations, ONE)
  if (!wallet.data || !numbers.data || !agents.data) return null
  if (!calls.data || !members.data || !invitations.data) return null
  const hasCalls = calls.data.items.length > 0
  return [
    // A wallet that paid for calls was topped up, however little is left.
    { key: 'topUp', isDone: wallet.data.balanceCents > 0 || hasCalls, href: paths.wallet() },
    { key: 'number', isDone: numbers.data.items.length > 0, href: paths.importNumber() },
    { key: 'agent', isDone: agents.data.items.length > 0, href: paths.agents() },
    {
      key: 'attach',
      isDone: numbers.data.items.some(({ agentId }) => agentId !== null),
      href: paths.numbers(),
    },
    {
      key: 'call',
      isDone: hasCalls,
      ...(sandbox && { href: sandbox.softphoneUrl, isExternal: true }),
    },
    {
      key: 'invite',
      isDone: members.data.items.length > 1 || invitations.data.items.length > 0,
      href: paths.team(),
    },
  ]
}
