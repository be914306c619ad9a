import { expect, test } from 'vitest'
import { composeLetter } from './mail-letter.ts'

const letter = (over: Partial<Parameters<typeof composeLetter>[0]> = {}) =>
  composeLetter({ subject: 'Subject', paragraphs: ['Words.'], ...over })

test('a letter says the same as text and as HTML', () => {
  const { text, html } = letter({
    paragraphs: ['One.', 'Two.'],
    button: { label: 'Do it', url: 'https://voxcalls.test/a?b=1&c=2#d' },
    notes: ['Small print.'],
  })
  expect(text).toBe(
    'One.\n\nTwo.\n\nDo it:\nhttps://voxcalls.test/a?b=1&c=2#d\n\nSmall print.\n\nVoxCalls\n',
  )
  expect(html).toContain('href="https://voxcalls.test/a?b=1&amp;c=2#d"')
  for (const part of ['One.', 'Two.', 'Do it', 'Small print.']) expect(html).toContain(part)
})

test('markup, quotes, line breaks and control characters of what is put in stay words', () => {
  const hostile = `"><script>alert('x')</script>&\r\n\u0000\u202eBcc: a@b.test`
  const { subject, text, html } = letter({
    subject: hostile,
    paragraphs: [hostile],
    button: { label: hostile, url: 'https://voxcalls.test/"><b>' },
    notes: [hostile],
  })
  expect(html).not.toMatch(/<script|<b>/)
  for (const sent of [subject, text, html])
    for (const hidden of ['\r', '\0', '\u202e', '\nBcc']) expect(sent).not.toContain(hidden)
  expect(html.match(/<a /g)).toHaveLength(1)
})

test('a subject of any length fits a line', () => {
  expect(letter({ subject: 'x'.repeat(400) }).subject).toHaveLength(150)
})
