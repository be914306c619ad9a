import type { Metadata } from 'next'
import { AgentsScreen } from '../../../features/agents/agents-screen.tsx'
import { StartCall } from '../../../features/calls/start-call.tsx'

export const metadata: Metadata = { title: 'Agents' }

export default function AgentsPage() {
  return <AgentsScreen actions={<StartCall isSecond />} />
}
