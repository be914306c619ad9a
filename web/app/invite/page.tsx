import type { Metadata } from 'next'
import { readConfig } from '../../lib/config.ts'
import { InviteFrame } from './invite-frame.tsx'

export const metadata: Metadata = { title: 'Invitation', referrer: 'no-referrer' }

export default function InvitePage() {
  return <InviteFrame apiUrl={readConfig().apiUrl} />
}
