'use client'
import { Download } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { OfficeLog } from './office-log.tsx'

/** One organization's chain, in the office's view of it. */
export function OrganizationAudit({ organizationId }: { organizationId: string }) {
  const t = useTranslations('audit')
  return (
    // The log brings its own margins, as it does where it is a screen.
    <div className="-mx-4 -mt-4 md:-mx-6">
      <OfficeLog organizationId={organizationId}>
        {(download) => (
          <div className="flex justify-end">
            <Button onClick={download.run} disabled={download.isPending}>
              <Download aria-hidden className="size-4 text-soft" />
              {t('export')}
            </Button>
          </div>
        )}
      </OfficeLog>
    </div>
  )
}
