'use client'
import { Download, ShieldCheck } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { verifyPlatformAudit } from '#contracts/audit'
import { AuditVerdict } from '../../components/audit/audit-verdict.tsx'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Forbidden } from '../../components/refusals.tsx'
import { useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { OfficeLog } from './office-log.tsx'

/** What was done in the platform's office, and the proof over all chains. */
export function OfficeAuditScreen() {
  return useMay('platform.audit.read') ? <OfficeAudit /> : <Forbidden needs="platform.audit.read" />
}

function OfficeAudit() {
  const t = useTranslations('audit')
  const tOffice = useTranslations('platform.audit')
  const verify = useEndpointCall(verifyPlatformAudit)
  return (
    <OfficeLog organizationId={null}>
      {(download) => (
        <>
          <PageHeader
            title={tOffice('title')}
            actions={
              <>
                <Button onClick={() => verify.mutate({})} disabled={verify.isPending}>
                  <ShieldCheck aria-hidden className="size-4 text-soft" />
                  {verify.isPending ? t('verifying') : tOffice('verify')}
                </Button>
                <Button onClick={download.run} disabled={download.isPending}>
                  <Download aria-hidden className="size-4 text-soft" />
                  {t('export')}
                </Button>
              </>
            }
          />
          <p className="text-soft">{tOffice('hint')}</p>
          {verify.error && <ErrorBox title={t('verifyFailed')} error={verify.error} />}
          {verify.data && (
            <AuditVerdict verdict={verify.data}>
              <BrokenChains broken={verify.data.organizations} />
            </AuditVerdict>
          )}
        </>
      )}
    </OfficeLog>
  )
}

type Broken = { organizationId: string; sequence: number; problem: string }

function BrokenChains({ broken }: { broken: readonly Broken[] }) {
  const t = useTranslations('platform.audit')
  if (broken.length === 0) return <p className="text-soft">{t('organizationsIntact')}</p>
  return (
    <>
      <p className="text-bad">{t('organizationsBroken', { count: broken.length })}</p>
      <ul className="mt-1 space-y-1">
        {broken.map((one) => (
          <li key={one.organizationId}>
            <Link
              href={paths.platformOrganization(one.organizationId, { tab: 'audit' })}
              className="break-all underline underline-offset-2"
            >
              {one.organizationId}
            </Link>{' '}
            {t('brokenAt', { sequence: one.sequence, problem: one.problem })}
          </li>
        ))}
      </ul>
    </>
  )
}
