/** What a voice gateway serves beside its probes: no endpoint of the API, yet part of its document. */
export const gatewayWebhooks = [
  {
    vendor: 'twilio',
    path: '/twilio/voice',
    summary: 'A call arrives: answered with TwiML that admits or refuses it',
  },
  {
    vendor: 'twilio',
    path: '/twilio/resume',
    summary: 'A media stream ended before its call did: the caller is reconnected or let go',
  },
  {
    vendor: 'twilio',
    path: '/twilio/fallback',
    summary: 'A call that nobody took, sent on by the API: it is resumed, taken or told of trouble',
  },
  { vendor: 'twilio', path: '/twilio/status', summary: 'What became of a call' },
  { vendor: 'twilio', path: '/twilio/thanks', summary: 'A caller has left a message' },
  {
    vendor: 'twilio',
    path: '/twilio/forwarded',
    summary: 'A forwarded call is over: the caller is let go, or told that nobody answered',
  },
  { vendor: 'twilio', path: '/twilio/recording', summary: 'A recording that Twilio made' },
  {
    vendor: 'elevenlabs',
    path: '/elevenlabs/initiation',
    summary:
      'May ElevenLabs take a call of an imported number: admitted, or hung up at the carrier',
  },
  {
    vendor: 'twilio',
    path: '/twilio/outbound/answer',
    summary: 'Somebody whom we called picks up: answered with TwiML that connects the agent',
  },
  {
    vendor: 'twilio',
    path: '/twilio/outbound/status',
    summary: 'How far a call that we placed has come',
  },
  {
    vendor: 'twilio',
    path: '/twilio/outbound/answered-by',
    summary: 'Whether a person or a machine answered a call that we placed',
  },
] as const

export const gatewaySockets = [
  {
    path: '/twilio/media',
    permission: 'Twilio’s signature and a single-use stream token',
    summary: 'A call’s audio',
  },
  {
    path: '/twilio/own-media',
    permission: 'the signature of a tenant’s Twilio account and a single-use stream token',
    summary: 'The audio of a call in a tenant’s own account',
  },
  {
    path: '/test-media',
    permission: 'the console’s origin and a single-use stream token',
    summary:
      'The audio and typed words of a test call, whose caller is a browser or the run of a test',
  },
  {
    path: '/live',
    permission: 'a one-time ticket of POST /v1/calls/:callId/live-tickets',
    summary: 'A running call as it is spoken, for a console',
  },
] as const
