// Faults worth trying by hand: what each does to a call is what the product is judged by.

export const presets = [
  {
    name: 'One bit of the caller’s speech is flipped',
    about:
      'In the tenth second of the call. Speak just then: the agent must not make out the sentence, and the counter above goes up.',
    rule: { vendor: 'twilio', on: 'socket', action: { type: 'flip', frame: 475 } },
  },
  {
    name: 'One bit of the agent’s speech is flipped',
    about: 'In the greeting. The softphone must show the sentence as damaged.',
    rule: { vendor: 'elevenlabs', on: 'socket', action: { type: 'flip', frame: 2 } },
  },
  {
    name: 'The media stream breaks off',
    about: 'After ten seconds; the call must go on or end properly.',
    rule: { vendor: 'twilio', on: 'socket', action: { type: 'close', afterFrames: 500 } },
  },
  {
    name: 'The agent falls silent',
    about: 'In its first answer: its socket stays open and says nothing more.',
    rule: { vendor: 'elevenlabs', on: 'socket', action: { type: 'silence', afterFrames: 25 } },
  },
  {
    name: 'The agent’s socket is cut',
    about: 'In its first answer; another one must take over.',
    rule: {
      vendor: 'elevenlabs',
      on: 'socket',
      action: { type: 'close', afterFrames: 25, code: 1011 },
    },
  },
  {
    name: 'ElevenLabs answers slowly',
    about: 'Three seconds for each of the next five requests.',
    rule: { vendor: 'elevenlabs', on: 'request', times: 5, action: { type: 'latency', ms: 3000 } },
  },
  {
    name: 'Twilio refuses: too many requests',
    about: 'The next request gets 429.',
    rule: {
      vendor: 'twilio',
      on: 'request',
      action: {
        type: 'status',
        status: 429,
        body: { code: 20429, message: 'Too Many Requests', status: 429 },
      },
    },
  },
  {
    name: 'The post-call webhook comes twice',
    about: 'A call must be charged and reviewed once.',
    rule: { vendor: 'elevenlabs', on: 'webhook', action: { type: 'duplicate' } },
  },
  {
    name: 'The post-call webhook is lost',
    about: 'The product must notice and fetch the conversation itself.',
    rule: { vendor: 'elevenlabs', on: 'webhook', action: { type: 'lose' } },
  },
  {
    name: 'Clerk is down',
    about: 'Ten requests in a row get 503.',
    rule: {
      vendor: 'clerk',
      on: 'request',
      path: '/v1/',
      times: 10,
      action: { type: 'status', status: 503, body: { errors: [] } },
    },
  },
  {
    name: 'The mail server is busy',
    about: 'The next recipient is turned away for now; the mail must be sent again.',
    rule: {
      vendor: 'mail',
      on: 'request',
      method: 'RCPT',
      action: { type: 'status', status: 451 },
    },
  },
]
