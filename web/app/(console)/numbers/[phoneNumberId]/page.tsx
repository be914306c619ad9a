import type { Metadata } from 'next'
import { NumberScreen } from '../../../../features/phone-numbers/number-screen.tsx'

export const metadata: Metadata = { title: 'Number' }

type Params = { params: Promise<{ phoneNumberId: string }> }

export default async function NumberPage({ params }: Params) {
  return <NumberScreen phoneNumberId={(await params).phoneNumberId} />
}
