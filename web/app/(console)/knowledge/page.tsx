import type { Metadata } from 'next'
import { KnowledgeScreen } from './knowledge-screen.tsx'

export const metadata: Metadata = { title: 'Knowledge' }

export default function KnowledgePage() {
  return <KnowledgeScreen />
}
