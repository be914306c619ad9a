import type { Metadata } from 'next'
import { StatusScreen } from '../../../../features/operations/status-screen.tsx'

export const metadata: Metadata = { title: 'Status' }

export default function PlatformStatusPage() {
  return <StatusScreen />
}
