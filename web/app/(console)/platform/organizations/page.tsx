import type { Metadata } from 'next'
import { OfficeListScreen } from '../../../../features/organizations/office-list-screen.tsx'

export const metadata: Metadata = { title: 'Organizations' }

export default function OrganizationsPage() {
  return <OfficeListScreen />
}
