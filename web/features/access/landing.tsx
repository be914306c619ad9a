'use client'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { paths } from '../../lib/paths.ts'
import { useMe } from '../../lib/session.tsx'

/** Where `/` leads a person: members to their calls, the platform's people to their overview. */
export function Landing() {
  const router = useRouter()
  const { membership } = useMe()
  useEffect(() => {
    router.replace(membership ? paths.calls() : paths.platform())
  }, [membership, router])
  return null
}
