import type { Metadata } from 'next'
import { AgentScreen } from '../../../../features/agents/agent-screen.tsx'

export const metadata: Metadata = { title: 'Agent' }

export default async function AgentPage({ params }: { params: Promise<{ agentId: string }> }) {
  return <AgentScreen agentId={(await params).agentId} />
}
