import type { Metadata } from 'next'
import { ReconciliationScreen } from '../../../../features/reconciliation/reconciliation-screen.tsx'

export const metadata: Metadata = { title: 'Reconciliation' }

export default function ReconciliationPage() {
  return <ReconciliationScreen />
}
