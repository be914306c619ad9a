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
