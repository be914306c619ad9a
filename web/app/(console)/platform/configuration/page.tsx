import type { Metadata } from 'next'
import { Configuration } from './configuration.tsx'

export const metadata: Metadata = { title: 'Configuration' }

export default function ConfigurationPage() {
  return <Configuration />
}
