import type { Metadata } from 'next'
import { HealthTiles } from '../../../features/operations/health-tiles.tsx'
import { OverviewScreen } from '../../../features/usage/overview-screen.tsx'

export const metadata: Metadata = { title: 'Platform' }

export default function PlatformPage() {
  return <OverviewScreen health={<HealthTiles />} />
}
