'use client'
import { useQueryClient } from '@tanstack/react-query'
import { ChevronLeft } from 'lucide-react'
import Link from 'next/link'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { checkDrift, getPhoneNumber } from '#contracts/phone-numbers'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Phone } from '../../components/phone.tsx'
import { Forbidden, NotFound } from '../../components/refusals.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpoint, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { NumberFacts } from './number-facts.tsx'
import { NumberForm } from './number-form.tsx'
import { NumberNotices } from './number-notices.tsx'
import { NumberSetup } from './number-setup.tsx'
import { NumberState } from './number-state.tsx'
import { isKept, type PhoneNumber, refreshMs } from './phone-number.ts'
import { useRefreshNumbers } from './use-refresh-numbers.ts'

const ReleaseDialog = lazy(() =>
  import('./release-dialog.tsx').then((file) => ({ default: file.ReleaseDialog })),
)

/** One number: who answers it, what happens where nobody can, and what the vendors hold of it. */
export function NumberScreen({ phoneNumberId }: { phoneNumberId: string }) {
  return useMay('phone-numbers.read') ? (
    <Loading phoneNumberId={phoneNumberId} />
  ) : (
    <Forbidden needs="phone-numbers.read" />
  )
}

function Loading({ phoneNumberId }: { phoneNumberId: string }) {
  const t = useTranslations('numbers.detail')
  const found = useEndpoint(
    getPhoneNumber,
    { params: { phoneNumberId } },
    { refetchInterval: ({ state }) => (state.data ? refreshMs([state.data]) : false) },
  )
  if (found.data) return <Loaded key={phoneNumberId} number={found.data} />
  if (found.isPending) return <NumberSkeleton />
  // 400: what stands in the address is no id at all.
  if (found.error.status === 404 || found.error.status === 400) {
    return (
      <NotFound title={t('notFound')} hint={t('notFoundHint')}>
        <Button asChild>
          <Link href={paths.numbers()}>{t('toList')}</Link>
        </Button>
      </NotFound>
    )
  }
  if (found.error.status === 403) return <Forbidden needs="phone-numbers.read" />
  return (
    <Frame>
      <Unnamed />
      <ErrorBox
        title={t('failed')}
        error={found.error}
        onRetry={() => void found.refetch()}
        isRetrying={found.isFetching}
      />
    </Frame>
  )
}

function Loaded({ number }: { number: PhoneNumber }) {
  const t = useTranslations('numbers.detail')
  const mayWrite = useMay('phone-numbers.write')
  return (
    <Frame>
      <div>
        <BackToList />
        <PageHeader
          title={<Phone number={number.e164} />}
          note={number.label || undefined}
          actions={mayWrite && isKept(number) && <Actions number={number} />}
        />
        <div className="mt-1 flex flex-wrap items-center gap-x-3">
          <NumberState number={number} isBrief />
          {!mayWrite && <span className="text-soft">{t('readOnly')}</span>}
        </div>
      </div>
      <NumberNotices number={number} />
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
        {mayWrite && isKept(number) ? (
          <NumberForm number={number} />
        ) : (
          <NumberSetup number={number} />
        )}
        <NumberFacts number={number} />
      </div>
    </Frame>
  )
}

function Actions({ number }: { number: PhoneNumber }) {
  const t = useTranslations('numbers.detail')
  const refusal = useWriteRefusal()
  const queries = useQueryClient()
  const [isReleasing, setReleasing] = useState(false)
  const refresh = useRefreshNumbers()
  const params = { phoneNumberId: number.id }
  const check = useEndpointCall(checkDrift, {
    onSuccess: (checked) => {
      queries.setQueryData(endpointKey(getPhoneNumber, { params }), checked)
      toast(checked.drift.length > 0 ? t('driftFound') : t('noDrift'))
      void refresh()
    },
  })
  return (
    <>
      {number.state === 'active' && (
        <GuardedButton
          refusal={refusal}
          disabled={check.isPending}
          onClick={() => check.mutate({ params })}
        >
          {check.isPending ? t('checking') : t('check')}
        </GuardedButton>
      )}
      <GuardedButton refusal={refusal} onClick={() => setReleasing(true)}>
        {t('release')}
      </GuardedButton>
      {check.error && (
        <ErrorBox title={t('checkFailed')} error={check.error} className="w-full max-w-xl" />
      )}
      {isReleasing && (
        <Suspense fallback={null}>
          <ReleaseDialog number={number} onClose={() => setReleasing(false)} />
        </Suspense>
      )}
    </>
  )
}

function BackToList() {
  const t = useTranslations('numbers.detail')
  return (
    <Link
      href={paths.numbers()}
      className="-ml-1 mb-1 inline-flex h-6 w-fit items-center gap-1 rounded-sm pr-1 text-soft text-xs hover:text-ink"
    >
      <ChevronLeft aria-hidden className="size-3.5" />
      {t('toList')}
    </Link>
  )
}

/** The head of the screen while it is not known which number it is of. */
function Unnamed() {
  const t = useTranslations('numbers.detail')
  return (
    <div>
      <BackToList />
      <PageHeader title={t('title')} />
    </div>
  )
}

const Frame = ({ children }: { children: ReactNode }) => (
  <div className="mx-auto flex w-full min-w-0 max-w-[72rem] grow flex-col gap-5 px-4 pt-4 pb-6 md:px-6">
    {children}
  </div>
)

function NumberSkeleton() {
  const t = useTranslations('numbers.detail')
  return (
    <Frame>
      <Unnamed />
      <Skeleton label={t('loading')} className="space-y-5">
        <Bone className="w-24" />
        <Bone className="mt-8 w-32" />
        <Bone className="h-8 max-w-md" />
        <Bone className="h-8 max-w-md" />
        <Bone className="h-32 max-w-2xl" />
      </Skeleton>
    </Frame>
  )
}
