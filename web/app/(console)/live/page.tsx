import type { Metadata } from 'next'
import { LiveWallScreen } from '../../../features/calls/live-wall-screen.tsx'

export const metadata: Metadata = { title: 'Live' }

export default function LivePage() {
  return <LiveWallScreen />
}
