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
export const agentNotReached = () =>
  new DomainError('calls.agent_not_reached', 503, 'ElevenLabs does not take the call now.')

export const outboundCallsOff = () =>
  new DomainError('calls.outbound_calls_off', 409, 'Calls out are switched off here.')
export const agentNotReady = () =>
  new DomainError('calls.agent_not_ready', 409, 'The agent is not published yet, or is archived.')
export const numberNotReady = () =>
  new DomainError('calls.number_not_ready', 409, 'Calls out need a number that is in service.')
export const agentsNotYours = () =>
  new DomainError('calls.agents_not_yours', 403, 'Agents are sent out by those who may see them.')
export const numberInvalid = () =>
  new DomainError('calls.number_invalid', 422, 'This is no number that can be dialled.')
export const countryNotAllowed = () =>
  new DomainError('calls.country_not_allowed', 409, 'The organization does not call this country.')
export const numberSpecial = () =>
  new DomainError(
    'calls.number_special',
    409,
    'Premium, shared-cost, personal and satellite numbers are not called.',
  )
export const outsideHours = () =>
  new DomainError(
    'calls.outside_hours',
    409,
    'It is no hour for calls in every place where this number may ring.',
  )
export const doNotCall = () =>
  new DomainError('calls.do_not_call', 409, 'This number asked not to be called.')
export const consentNotValid = () =>
  new DomainError('calls.consent_not_valid', 409, 'A consent must have been given by now.')
export const alreadyCalling = () =>
  new DomainError('calls.already_calling', 409, 'A call to this number is under way already.')
export const dailyMinutesUsed = () =>
  new DomainError('calls.daily_minutes_used', 429, 'The minutes for calls out are used up today.')
export const carrierRefused = () =>
  new DomainError('calls.carrier_refused', 409, 'The carrier does not place this call.')
