import type { Metadata } from 'next'
import { ImportNumber } from './import-number.tsx'

export const metadata: Metadata = { title: 'Import a number' }

export default function ImportNumberPage() {
  return <ImportNumber />
}
