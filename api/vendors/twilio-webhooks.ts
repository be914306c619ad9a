import twilio from 'twilio'

/**
 * Whether Twilio signed this request with that account's token. `url` is the configured public address of the
 * endpoint, never what the request's headers say (THREATS B2).
 */
export function isSignedByTwilio(
  authToken: string,
  signature: string | undefined,
  url: string,
  params: Record<string, string | string[]>,
): boolean {
  return signature !== undefined && twilio.validateRequest(authToken, signature, url, params)
}

/**
 * A media socket's upgrade. That the signed form is `wss:` and has no slash added is not confirmed by Twilio's
 * documents, so the four spellings of our own address are accepted.
 */
export function isUpgradeSignedByTwilio(
  authToken: string,
  signature: string | undefined,
  publicUrl: string,
): boolean {
  const plain = publicUrl.replace(/\/$/, '')
  const asSocket = plain.replace(/^http/, 'ws')
  const asWeb = plain.replace(/^ws/, 'http')
  return [asSocket, asWeb, `${asSocket}/`, `${asWeb}/`].some((url) =>
    isSignedByTwilio(authToken, signature, url, {}),
  )
}

/** TwiML that hands the call to a media stream and asks us again when the stream ends. */
export function connectStream(options: {
  streamUrl: string
  parameters: Record<string, string>
  resumeUrl: string
  say?: string | undefined
}): string {
  const response = new twilio.twiml.VoiceResponse()
  if (options.say) response.say(options.say)
  const stream = response.connect().stream({ url: options.streamUrl })
  for (const [name, value] of Object.entries(options.parameters)) stream.parameter({ name, value })
  response.redirect({ method: 'POST' }, options.resumeUrl)
  return response.toString()
}

export function sayAndHangUp(text: string): string {
  const response = new twilio.twiml.VoiceResponse()
  response.say(text)
  response.hangup()
  return response.toString()
}

/** TwiML that lets the caller wait in silence and then asks again at `url`. */
export function askAgain(url: string, afterSeconds: number): string {
  const response = new twilio.twiml.VoiceResponse()
  response.pause({ length: afterSeconds })
  response.redirect({ method: 'POST' }, url)
  return response.toString()
}

export function hangUp(): string {
  const response = new twilio.twiml.VoiceResponse()
  response.hangup()
  return response.toString()
}

/** TwiML that takes a message of the caller; the recording is told of at `recordingUrl` when it can be fetched. */
export function takeMessage(options: {
  say: string
  recordingUrl: string
  maxSeconds: number
  thanks: string
}): string {
  const response = new twilio.twiml.VoiceResponse()
  response.say(options.say)
  response.record({
    maxLength: options.maxSeconds,
    playBeep: true,
    // Silence ends the message, and a key as well.
    timeout: 5,
    recordingStatusCallback: options.recordingUrl,
    recordingStatusCallbackEvent: ['completed', 'absent'],
    action: options.thanks,
  })
  // Reached where nothing was said.
  response.hangup()
  return response.toString()
}

/** TwiML that lets another phone ring; `afterUrl` is asked what comes when that is over. */
export function forwardTo(options: {
  to: string
  afterUrl: string
  ringSeconds: number
  maxSeconds: number
}): string {
  const response = new twilio.twiml.VoiceResponse()
  const dial = response.dial({
    action: options.afterUrl,
    timeout: options.ringSeconds,
    timeLimit: options.maxSeconds,
    answerOnBridge: true,
  })
  dial.number(options.to)
  return response.toString()
}

/** What is to be done before a document of somebody else: a sentence said, a recording begun. */
export function precede(
  document: string,
  first: { say: string | null; recordingUrl: string },
): string {
  const response = new twilio.twiml.VoiceResponse()
  if (first.say !== null) response.say(first.say)
  response.start().recording({
    channels: 'dual',
    recordingStatusCallback: first.recordingUrl,
    recordingStatusCallbackEvent: ['completed', 'absent'],
  })
  const verbs = /<Response>(.*)<\/Response>/s.exec(response.toString())?.[1] ?? ''
  return document.replace(/<Response>/, () => `<Response>${verbs}`)
}
