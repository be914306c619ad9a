import type { Metadata } from 'next'
import { WebhooksScreen } from '../../../../features/operations/webhooks-screen.tsx'

export const metadata: Metadata = { title: 'Webhooks' }

export default function PlatformWebhooksPage() {
  return <WebhooksScreen />
}
