import type { Metadata } from 'next'
import { WalletScreen } from '../../../features/wallet/wallet-screen.tsx'

export const metadata: Metadata = { title: 'Wallet' }

export default function WalletPage() {
  return <WalletScreen />
}
