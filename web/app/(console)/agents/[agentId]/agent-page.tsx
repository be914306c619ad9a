'use client'
import { lazy, Suspense } from 'react'
import { AgentScreen } from '../../../../features/agents/agent-screen.tsx'

const TestCallPanel = lazy(() =>
  import('../../../../features/calls/test-call/test-call-panel.tsx').then((file) => ({
    default: file.TestCallPanel,
  })),
)

/** The editor with the panel that calls its draft. */
export const AgentPage = ({ agentId }: { agentId: string }) => (
  <AgentScreen
    agentId={agentId}
    testCall={(draft) => (
      <Suspense fallback={null}>
        <TestCallPanel {...draft} />
      </Suspense>
    )}
  />
)
