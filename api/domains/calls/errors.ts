import { DomainError } from '#api/core/errors.ts'

export const numberNotInService = () =>
  new DomainError('calls.number_not_in_service', 404, 'No organization answers this number.')
export const organizationNotActive = () =>
  new DomainError('calls.organization_not_active', 409, 'The organization takes no calls now.')
export const agentCallsOff = () =>
  new DomainError('calls.agent_calls_off', 409, 'Agent calls are switched off here.')
export const noAgentAssigned = () =>
  new DomainError('calls.no_agent_assigned', 409, 'No agent that is ready answers this number.')
export const callerTooOften = () =>
  new DomainError('calls.caller_rate_exceeded', 429, 'This caller has called too often just now.')
export const numberBusy = () =>
  new DomainError('calls.number_at_capacity', 429, 'All lines of this number are busy.')
export const organizationBusy = () =>
  new DomainError('calls.organization_at_capacity', 429, 'All lines of this organization are busy.')
export const platformBusy = () =>
  new DomainError('calls.platform_at_capacity', 503, 'The platform runs as many calls as it may.')
export const callNotRunning = () =>
  new DomainError('calls.not_running', 409, 'The call is not running, so it cannot be heard live.')
export const leaseLost = () =>
  new DomainError('calls.lease_lost', 409, 'Another process runs this call now.')
