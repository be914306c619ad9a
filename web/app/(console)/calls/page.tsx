import type { Metadata } from 'next'
import { CallsScreen } from '../../../features/calls/calls-screen.tsx'
import { GettingStarted } from '../../../features/organizations/getting-started.tsx'

export const metadata: Metadata = { title: 'Calls' }

export default function CallsPage() {
  return (
    <>
      <GettingStarted />
      <CallsScreen />
    </>
  )
}
