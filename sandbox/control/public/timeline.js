// What happened on the leg, as the phone network saw it.

import { byId, make } from './common.js'

const MAX_LINES = 500 // the newest stay; the API has them all

const texts = {
  ringing: () => 'Ringing',
  answered: () => 'Answered',
  verb: ({ verb }) => `TwiML <${verb}>`,
  webhook: ({ url, status }) => `Webhook ${pathOf(url)}: ${status}`,
  'stream-open': ({ url }) => `Media stream open: ${pathOf(url)}`,
  'stream-close': ({ by, code }) => `Media stream closed by ${by}${code ? ` (${code})` : ''}`,
  'first-audio': () => 'First audio from the product',
  clear: ({ droppedBytes }) => `Cleared, ${Math.round(droppedBytes / 8)} ms unplayed`,
  mark: ({ name, cleared }) => `Mark ${name}${cleared ? ' (cleared)' : ''}`,
  dtmf: ({ digit }) => `Key ${digit}`,
  'twiml-error': ({ code, message }) => `Error ${code}: ${message}`,
  'twiml-warning': ({ message }) => message,
  'media-error': ({ code, message }) => `Media error ${code}: ${message}`,
  ended: ({ status, by }) => `Ended: ${status}, by ${by}`,
}

let lastMark

export function clearTimeline() {
  lastMark = undefined
  byId('timeline').replaceChildren()
  byId('quiet').hidden = false
}

export function addEvent(event) {
  byId('quiet').hidden = true
  const list = byId('timeline')
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40
  const line = draw(event)
  // Marks come by the dozen: a run of them is one line with a count.
  if (event.kind === 'mark' && lastMark) {
    lastMark.count++
    lastMark.line.replaceWith((lastMark.line = draw(event, lastMark.count)))
  } else {
    list.append(line)
    lastMark = event.kind === 'mark' ? { line, count: 1 } : undefined
  }
  while (list.children.length > MAX_LINES) list.firstElementChild.remove()
  if (isAtEnd) list.scrollTop = list.scrollHeight
}

function draw(event, count = 1) {
  const text = texts[event.kind]?.(event) ?? event.kind
  const isBad = /error/.test(event.kind) || (event.kind === 'ended' && event.status !== 'completed')
  return make(
    'li',
    {},
    make('time', {}, `${(event.at / 1_000).toFixed(2)} s`),
    make('span', { class: isBad ? 'failed' : undefined }, count > 1 ? `${text} (${count})` : text),
  )
}

const pathOf = (url) => (URL.canParse(url) ? new URL(url).pathname : url)
