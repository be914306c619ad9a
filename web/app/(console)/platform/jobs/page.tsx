import type { Metadata } from 'next'
import { JobsScreen } from '../../../../features/operations/jobs-screen.tsx'

export const metadata: Metadata = { title: 'Jobs' }

export default function PlatformJobsPage() {
  return <JobsScreen />
}
