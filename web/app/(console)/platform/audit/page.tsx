import type { Metadata } from 'next'
import { OfficeAuditScreen } from '../../../../features/audit/office-audit-screen.tsx'

export const metadata: Metadata = { title: 'Audit' }

export default function PlatformAuditPage() {
  return <OfficeAuditScreen />
}
