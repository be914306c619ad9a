import { elementsOf, parseXml, textOf, type XmlElement, XmlError } from './xml.ts'

/** A document Twilio would not run; the code is the one of its debugger. */
export class TwimlError extends Error {
  override readonly name = 'TwimlError'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export type Document = { verbs: XmlElement[]; warnings: string[] }

type Rule = { attributes: readonly string[]; children: readonly string[]; text?: 'required' }

const MAX_DOCUMENT_CHARACTERS = 64 * 1024 // Twilio's limit for a document it fetches
export const MAX_TWIML_PARAMETER_CHARACTERS = 4_000 // Twilio's limit for the Twiml parameter

const NESTED_PROMPTS = ['Say', 'Play', 'Pause']
const RECORDING_CALLBACK = [
  'recordingStatusCallback',
  'recordingStatusCallbackMethod',
  'recordingStatusCallbackEvent',
]

const GRAMMAR: Readonly<Record<string, Rule>> = {
  Response: {
    attributes: [],
    children: [
      ...NESTED_PROMPTS,
      'Gather',
      'Dial',
      'Record',
      'Connect',
      'Start',
      'Stop',
      'Redirect',
      'Reject',
      'Hangup',
    ],
  },
  Say: { attributes: ['voice', 'language', 'loop'], children: [], text: 'required' },
  Play: { attributes: ['loop', 'digits'], children: [] },
  Pause: { attributes: ['length'], children: [] },
  Gather: {
    attributes: [
      'input',
      'numDigits',
      'timeout',
      'finishOnKey',
      'action',
      'method',
      'actionOnEmptyResult',
      'speechTimeout',
      'speechModel',
      'enhanced',
      'language',
      'hints',
      'bargeIn',
      'profanityFilter',
    ],
    children: NESTED_PROMPTS,
  },
  Record: {
    attributes: [
      'action',
      'method',
      'timeout',
      'finishOnKey',
      'maxLength',
      'playBeep',
      'trim',
      ...RECORDING_CALLBACK,
    ],
    children: [],
  },
  Dial: {
    attributes: [
      'action',
      'method',
      'answerOnBridge',
      'callerId',
      'record',
      'timeLimit',
      'timeout',
      'hangupOnStar',
      'ringTone',
      'trim',
      'sequential',
      'recordingTrack',
      ...RECORDING_CALLBACK,
    ],
    children: ['Number'],
  },
  Number: {
    attributes: ['statusCallback', 'statusCallbackEvent', 'statusCallbackMethod'],
    children: [],
    text: 'required',
  },
  Connect: { attributes: ['action', 'method'], children: ['Stream'] },
  Start: { attributes: ['action', 'method'], children: ['Stream', 'Recording'] },
  Stop: { attributes: [], children: ['Stream'] },
  Stream: {
    attributes: [
      'url',
      'name',
      'track',
      'statusCallback',
      'statusCallbackMethod',
      'connectorName',
      'audioFormat',
      'sampleRate',
    ],
    children: ['Parameter'],
  },
  Parameter: { attributes: ['name', 'value'], children: [] },
  Recording: { attributes: ['channels', 'track', 'trim', ...RECORDING_CALLBACK], children: [] },
  Redirect: { attributes: ['method'], children: [], text: 'required' },
  Reject: { attributes: ['reason'], children: [] },
  Hangup: { attributes: [], children: [] },
}

const VALUES: Readonly<Record<string, RegExp>> = {
  method: /^(GET|POST)$/,
  statusCallbackMethod: /^(GET|POST)$/,
  recordingStatusCallbackMethod: /^(GET|POST)$/,
  loop: /^\d{1,4}$/,
  length: /^\d{1,3}$/,
  timeout: /^\d{1,3}$/,
  timeLimit: /^\d{1,5}$/,
  numDigits: /^\d{1,2}$/,
  maxLength: /^\d{1,5}$/,
  playBeep: /^(true|false)$/,
  finishOnKey: /^[0-9*#]?$/,
  input: /^(dtmf|speech|dtmf speech|speech dtmf)$/,
  reason: /^(rejected|busy)$/,
  track: /^(inbound_track|outbound_track|both_tracks|inbound|outbound|both)$/,
  channels: /^(mono|dual)$/,
  answerOnBridge: /^(true|false)$/,
  hangupOnStar: /^(true|false)$/,
  actionOnEmptyResult: /^(true|false)$/,
  bargeIn: /^(true|false)$/,
}

export function readTwiml(source: string): Document {
  if (source.length > MAX_DOCUMENT_CHARACTERS)
    throw new TwimlError(
      11750,
      `The document is larger than ${MAX_DOCUMENT_CHARACTERS} characters.`,
    )
  const root = parse(source)
  if (root.name !== 'Response')
    throw new TwimlError(12100, `The root element is <${root.name}>, not <Response>.`)
  const warnings: string[] = []
  check(root, warnings)
  return { verbs: elementsOf(root), warnings }
}

function parse(source: string): XmlElement {
  try {
    return parseXml(source)
  } catch (error) {
    if (error instanceof XmlError) throw new TwimlError(12100, `Not a document: ${error.message}.`)
    throw error
  }
}

function check(element: XmlElement, warnings: string[]): void {
  const rule = GRAMMAR[element.name]
  if (!rule) throw new TwimlError(12200, `<${element.name}> is not known to this stand-in.`)
  for (const [name, value] of Object.entries(element.attributes)) {
    if (!rule.attributes.includes(name)) warnings.push(`<${element.name}> has no attribute ${name}`)
    else if (VALUES[name] && !VALUES[name].test(value))
      throw new TwimlError(12200, `<${element.name}> cannot have ${name}="${value}".`)
  }
  if (rule.text === 'required' && textOf(element) === '')
    throw new TwimlError(12200, `<${element.name}> is empty.`)
  for (const child of elementsOf(element)) {
    if (!rule.children.includes(child.name))
      throw new TwimlError(12200, `<${child.name}> cannot stand in <${element.name}>.`)
    check(child, warnings)
  }
  checkTogether(element)
}

function checkTogether(element: XmlElement): void {
  const children = elementsOf(element)
  if (element.name === 'Connect' && children.length !== 1)
    throw new TwimlError(12200, '<Connect> holds exactly one noun.')
  if (element.name === 'Start' && children.length === 0)
    throw new TwimlError(12200, '<Start> is empty.')
  if (element.name === 'Stream') checkStream(element, children)
  if (element.name === 'Play' && element.attributes.digits === undefined && !textOf(element))
    throw new TwimlError(12200, '<Play> is empty.')
}

function checkStream(stream: XmlElement, parameters: XmlElement[]): void {
  for (const { attributes } of parameters)
    if (!attributes.name || attributes.value === undefined)
      throw new TwimlError(12200, '<Parameter> needs a name and a value.')
    else if (attributes.name.length + attributes.value.length > MAX_PARAMETER_CHARACTERS)
      throw new TwimlError(12200, `<Parameter name="${attributes.name}"> is too long.`)
  if (stream.attributes.url === undefined && stream.attributes.name === undefined)
    throw new TwimlError(12200, '<Stream> needs a url.')
}

const MAX_PARAMETER_CHARACTERS = 500 // name and value together

/** Why Twilio would not open this address, if it would not. Plain ws is taken on loopback only. */
export function refuseStreamUrl(address: string): string | undefined {
  if (!URL.canParse(address)) return 'The address is malformed.'
  const url = new URL(address)
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'wss:' && !(url.protocol === 'ws:' && isLoopback))
    return 'The address has to begin with wss://.'
  if (address.includes('?')) return 'The address has a query string; use <Parameter> instead.'
  return undefined
}
