import type { Metadata } from 'next'
import { OrganizationOffice } from './organization-office.tsx'

export const metadata: Metadata = { title: 'Organization' }

export default async function OrganizationPage({
  params,
}: {
  params: Promise<{ organizationId: string }>
}) {
  return <OrganizationOffice organizationId={(await params).organizationId} />
}
