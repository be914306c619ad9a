import type { Metadata } from 'next'
import { LiveCallScreen } from '../../../../features/calls/live-call-screen.tsx'

export const metadata: Metadata = { title: 'Live call' }

export default async function LiveCallPage({ params }: { params: Promise<{ callId: string }> }) {
  return <LiveCallScreen callId={(await params).callId} />
}
