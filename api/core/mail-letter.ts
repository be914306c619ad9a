/** A mail as people write it: what it says, one thing to do, and small print. */
export type Letter = {
  subject: string
  paragraphs: readonly string[]
  button?: { label: string; url: string }
  notes?: readonly string[]
}

const MAX_SUBJECT = 150 // longer ones are cut by every mail client

/**
 * The letter as plain text and as HTML. Whatever stands in it is text: names are escaped, and their line breaks
 * and control characters taken out, so nobody's name adds a header, a paragraph or a link of its own.
 */
export function composeLetter(letter: Letter): { subject: string; text: string; html: string } {
  const { button } = letter
  const subject = oneLine(letter.subject)
  const paragraphs = letter.paragraphs.map(oneLine)
  const notes = (letter.notes ?? []).map(oneLine)
  const text = [
    ...paragraphs,
    ...(button ? [`${oneLine(button.label)}:\n${button.url}`] : []),
    ...notes,
    SIGNATURE,
  ].join('\n\n')
  return {
    subject: subject.length > MAX_SUBJECT ? `${subject.slice(0, MAX_SUBJECT - 1)}…` : subject,
    text: `${text}\n`,
    html: page(subject, [
      ...paragraphs.map((paragraph) => `<p style="${P}">${escapeHtml(paragraph)}</p>`),
      ...(button ? [buttonHtml(button)] : []),
      ...notes.map((note) => `<p style="${NOTE}">${escapeHtml(note)}</p>`),
    ]),
  }
}

const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

const SIGNATURE = 'VoxCalls'
// Mail clients know neither style sheets nor variables, so each element carries its look.
const P = 'margin:0 0 20px;font-size:16px;line-height:24px;color:#171717'
const NOTE = 'margin:0 0 8px;font-size:13px;line-height:20px;color:#6b6b6b;overflow-wrap:anywhere'
const BUTTON =
  'display:inline-block;padding:12px 20px;border-radius:6px;background:#171717;color:#ffffff;font-size:15px;font-weight:600;text-decoration:none'

const buttonHtml = ({ label, url }: { label: string; url: string }): string =>
  `<p style="margin:0 0 24px"><a href="${escapeHtml(url)}" style="${BUTTON}">${escapeHtml(oneLine(label))}</a></p>
<p style="${NOTE}">Or open this address:<br>${escapeHtml(url)}</p>`

const page = (title: string, parts: readonly string[]): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;padding:32px 16px;background:#f5f5f4;font-family:system-ui,-apple-system,'Segoe UI',sans-serif">
<div style="max-width:520px;margin:0 auto;padding:32px;border-radius:8px;background:#ffffff">
${parts.join('\n')}
<p style="margin:24px 0 0;font-size:13px;color:#6b6b6b">${SIGNATURE}</p>
</div>
</body>
</html>
`

const oneLine = (text: string): string => text.replaceAll(/[\p{C}\s]+/gu, ' ').trim()
