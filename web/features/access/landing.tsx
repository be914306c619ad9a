'use client'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { paths } from '../../lib/paths.ts'
import { useMe } from '../../lib/session.tsx'
import { PlatformOverview } from './platform-overview.tsx'

/** Where `/` leads a person: members to their calls, the platform's people to an overview. */
export function Landing() {
  const router = useRouter()
  const { membership } = useMe()
  useEffect(() => {
    if (membership) router.replace(paths.calls())
  }, [membership, router])
  return membership ? null : <PlatformOverview />
}
