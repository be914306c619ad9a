import type { Metadata } from 'next'
import { NumbersScreen } from './numbers-screen.tsx'

export const metadata: Metadata = { title: 'Numbers' }

export default function NumbersPage() {
  return <NumbersScreen />
}
