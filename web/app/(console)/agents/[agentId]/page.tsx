import type { Metadata } from 'next'
import { AgentPage } from './agent-page.tsx'

export const metadata: Metadata = { title: 'Agent' }

export default async function Page({ params }: { params: Promise<{ agentId: string }> }) {
  return <AgentPage agentId={(await params).agentId} />
}
