'use client'
import { useCallback, useEffect, useState } from 'react'
import { useLeaveGuard } from '../lib/use-leave-guard.ts'
import { Confirm } from './confirm.tsx'

/** While there is something to lose, asks before a link or the browser leaves the page. */
export function LeaveGuard(props: {
  isActive: boolean
  title: string
  effect: string
  action: string
}) {
  const [leave, setLeave] = useState<(() => void) | null>(null)
  const ask = useCallback((go: () => void) => setLeave(() => go), [])
  // Once the person has said "leave", the guard must be gone before the link is followed.
  const [isLeaving, setLeaving] = useState(false)
  useLeaveGuard(props.isActive && !isLeaving, ask)
  useEffect(() => {
    if (isLeaving) leave?.()
  }, [isLeaving, leave])
  return (
    <Confirm
      isOpen={leave !== null && !isLeaving}
      onClose={() => setLeave(null)}
      title={props.title}
      effect={props.effect}
      action={props.action}
      isSending={false}
      onConfirm={() => setLeaving(true)}
    />
  )
}
