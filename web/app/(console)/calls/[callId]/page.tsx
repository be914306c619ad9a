import type { Metadata } from 'next'
import { CallScreen } from '../../../../features/calls/call-screen.tsx'

export const metadata: Metadata = { title: 'Call' }

export default async function CallPage({ params }: { params: Promise<{ callId: string }> }) {
  return <CallScreen callId={(await params).callId} />
}
