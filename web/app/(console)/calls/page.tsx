import type { Metadata } from 'next'
import { CallsScreen } from '../../../features/calls/calls-screen.tsx'

export const metadata: Metadata = { title: 'Calls' }

export default function CallsPage() {
  return <CallsScreen />
}
