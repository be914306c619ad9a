'use client'
import { OutboundRulesForm } from '../../../features/calls/outbound-rules-form.tsx'
import { DoNotCallList } from '../../../features/do-not-call/do-not-call-list.tsx'

/** What an organization decides about calling people: when, how much, and whom not. */
export const CallingOut = () => (
  <div className="space-y-10 pb-8">
    <OutboundRulesForm />
    <DoNotCallList />
  </div>
)
