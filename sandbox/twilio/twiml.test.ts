import { expect, test } from 'vitest'
import { sign } from './signature.ts'
import { readTwiml, refuseStreamUrl, TwimlError } from './twiml.ts'
import { elementsOf, parseXml, textOf, XmlError } from './xml.ts'

const response = (inner: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><Response>${inner}</Response>`

function codeOf(source: string): number {
  try {
    readTwiml(source)
  } catch (error) {
    if (error instanceof TwimlError) return error.code
    throw error
  }
  return 0
}

test('elements, attributes, entities, comments and CDATA are read', () => {
  const root = parseXml(
    `<?xml version="1.0"?>\n<!-- hello --><Response><Say voice='a"b'>Tom &amp; J&#233;r&#xF4;me &lt;3</Say><Say><![CDATA[<raw> & co]]></Say><Pause length="2"/></Response>`,
  )
  const [first, second, third] = elementsOf(root)
  expect(first).toMatchObject({ name: 'Say', attributes: { voice: 'a"b' } })
  expect(textOf(first!)).toBe('Tom & Jérôme <3')
  expect(textOf(second!)).toBe('<raw> & co')
  expect(third).toEqual({ name: 'Pause', attributes: { length: '2' }, children: [] })
})

test.each([
  ['an element that is not closed', '<Response><Say>hi</Response>'],
  ['text after the root', '<Response/>tail'],
  ['two roots', '<Response/><Response/>'],
  ['nothing at all', ''],
  ['an attribute without quotes', '<Response a=b/>'],
  ['the same attribute twice', '<Response a="1" a="2"/>'],
  ['an unknown entity', '<Response>&nbsp;</Response>'],
  ['a bare ampersand', '<Response>a & b</Response>'],
  ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]><Response/>'],
])('%s is not a document', (_, source) => {
  expect(() => parseXml(source)).toThrow(XmlError)
  expect(codeOf(source)).toBe(12100)
})

test('a document of the verbs in use is taken', () => {
  const { verbs, warnings } = readTwiml(
    response(
      '<Start><Stream url="wss://h/x" track="both_tracks" name="live"/></Start><Connect action="/after"><Stream url="wss://h/x"><Parameter name="a" value="b"/></Stream></Connect><Redirect method="POST">/resume</Redirect>',
    ),
  )
  expect(verbs.map((verb) => verb.name)).toEqual(['Start', 'Connect', 'Redirect'])
  expect(warnings).toEqual([])
})

test.each([
  ['an unknown verb', '<Dance/>'],
  ['a noun outside its verb', '<Stream url="wss://h/x"/>'],
  ['a Connect without a noun', '<Connect/>'],
  ['a Say without words', '<Say> </Say>'],
  ['a Redirect to nowhere', '<Redirect/>'],
  ['a method that does not exist', '<Redirect method="PUT">/x</Redirect>'],
  ['a track that does not exist', '<Start><Stream url="wss://h/x" track="left"/></Start>'],
  [
    'a Parameter without a name',
    '<Connect><Stream url="wss://h/x"><Parameter value="1"/></Stream></Connect>',
  ],
  [
    'a Parameter of more than 500 characters',
    `<Connect><Stream url="wss://h/x"><Parameter name="a" value="${'x'.repeat(500)}"/></Stream></Connect>`,
  ],
])('%s is refused by the schema', (_, inner) => {
  expect(codeOf(response(inner))).toBe(12200)
})

test('an attribute nobody knows is a warning and the document still runs', () => {
  const { verbs, warnings } = readTwiml(response('<Pause length="1" mood="calm"/>'))
  expect(verbs).toHaveLength(1)
  expect(warnings).toEqual(['<Pause> has no attribute mood'])
})

test('a document of more than 64 KiB is refused', () => {
  expect(codeOf(response(`<Say>${'x'.repeat(66_000)}</Say>`))).toBe(11750)
})

test('a stream needs wss, or ws on loopback, and no query string', () => {
  expect(refuseStreamUrl('wss://gw.example.com/media')).toBeUndefined()
  expect(refuseStreamUrl('ws://127.0.0.1:3002/media')).toBeUndefined()
  expect(refuseStreamUrl('ws://gw.example.com/media')).toMatch('wss://')
  expect(refuseStreamUrl('https://gw.example.com/media')).toMatch('wss://')
  expect(refuseStreamUrl('wss://gw.example.com/media?call=1')).toMatch('query')
  expect(refuseStreamUrl('wss://gw.example.com/media?')).toMatch('query')
  expect(refuseStreamUrl('gw.example.com')).toMatch('malformed')
})

// Known pairs of input and signature, made with the vendor's own SDK and the token 12345.
test.each([
  [
    'a form, sorted by name',
    'https://mycompany.com/myapp.php?foo=1&bar=2',
    {
      CallSid: 'CA1234567890ABCDE',
      Caller: '+14158675309',
      Digits: '1234',
      From: '+14158675309',
      To: '+18005551212',
    },
    'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  ],
  ['a socket', 'wss://mycompany.com/media', {}, 'okykUWKkAOgQseVjzERZh4soLeU='],
  [
    'a repeated field, once each value',
    'https://mycompany.com/r',
    { CallSid: 'CA1', MediaUrl: ['b', 'a', 'a'] },
    'nbe3ecUT5PnOZ4CR77myf9RBoLg=',
  ],
  [
    'a JSON body by its hash',
    'https://mycompany.com/j?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862',
    {},
    'HZcabmio6hlmeaDQkKsY4H/TL0A=',
  ],
])('the signature over %s is the vendor’s', (_, url, params, signature) => {
  expect(sign('12345', url, params)).toBe(signature)
  expect(sign('12345', `${url}#rc=2`, params)).toBe(signature)
  expect(sign('12346', url, params)).not.toBe(signature)
})
