// Who said what, word by word as it is heard, and whether the other end heard the same.

import { byId, make } from './common.js'

const PATIENCE_MS = 2_500 // the agent takes a turn down 300 ms after its last word

let turns
let agent

export function startTranscript() {
  turns = new Map()
  agent = undefined
  byId('turns').replaceChildren()
  byId('nothing').hidden = false
}

export function showTurn(turn) {
  byId('nothing').hidden = true
  const log = byId('transcript')
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80
  const known = turns.get(turn.id)
  const element = draw(turn)
  if (known) known.element.replaceWith(element)
  else insert(element, turn)
  const endedAt = turn.kind === 'speaking' ? undefined : (known?.endedAt ?? Date.now())
  turns.set(turn.id, { turn, element, endedAt })
  if (isAtEnd) log.scrollTop = log.scrollHeight
  if (endedAt && !known?.endedAt) {
    announce(turn)
    check()
    setTimeout(check, PATIENCE_MS + 100)
  }
}

export function showAgent(known) {
  agent = known
  check()
}

function insert(element, turn) {
  const later = [...turns.values()].filter((other) => other.turn.atMs > turn.atMs)
  const next = later.sort((a, b) => a.turn.atMs - b.turn.atMs)[0]
  byId('turns').insertBefore(element, next?.element ?? null)
}

function draw(turn) {
  const time = `${Math.floor(turn.atMs / 60_000)}:${String(Math.floor(turn.atMs / 1_000) % 60).padStart(2, '0')}`
  return make(
    'li',
    { class: `turn ${turn.speaker} ${turn.kind}` },
    make('div', { class: 'who' }, make('b', {}, turn.speaker === 'caller' ? 'You' : 'Agent'), time),
    make('div', { class: 'text' }, ...textOf(turn)),
    make('div', { class: 'check' }),
  )
}

function textOf(turn) {
  if (turn.kind === 'damaged') return damage(turn.damage)
  if (turn.kind !== 'cut') return [turn.text || '…']
  const rest = turn.whole.slice(turn.whole.indexOf(turn.text) + turn.text.length).trim()
  return [
    turn.text ? `${turn.text} ` : '',
    make('span', { class: 'unsaid' }, rest),
    make('span', { class: 'soft' }, ' (cut off)'),
  ]
}

function damage(how) {
  if (!how.meant) return [make('strong', {}, 'Damaged speech'), `: ${how.note}.`]
  return [
    make('strong', {}, 'Damaged speech'),
    make('br'),
    `Meant to be: “${how.meant}”`,
    make('br'),
    make('span', { class: 'mono' }, measure(how)),
  ]
}

const measure = ({ goodBlocks, blocks, firstBadMs, note }) =>
  `${note} · ${goodBlocks} of ${blocks} blocks good · first bad at ${firstBadMs} ms`

/** Whether every caller turn is found, in order, in what the agent took down. */
function check() {
  if (!agent) return
  const heard = agent.turns
    .filter((turn) => turn.speaker === 'caller')
    .map((turn) => turn.text)
    .join(' ')
  const said = [...turns.values()].filter(
    ({ turn, endedAt }) => turn.speaker === 'caller' && endedAt && turn.text,
  )
  const found = findInOrder(
    said.map(({ turn }) => turn.text),
    heard,
  )
  for (const [index, { turn, element, endedAt }] of said.entries()) {
    const line = element.querySelector('.check')
    if (found[index]) mark(line, 'good', '✓ The agent heard every word')
    else if (Date.now() - endedAt > PATIENCE_MS) misheard(line, turn)
  }
}

/** As many as can be found: a turn that was lost must not take the place of a later one of the same words. */
function findInOrder(texts, heard) {
  let best = [{ count: 0, end: 0, found: [] }]
  for (const text of texts) {
    const next = best.map((way) => ({ ...way, found: [...way.found, false] }))
    for (const way of best) {
      const at = heard.indexOf(text, way.end)
      if (at < 0) continue
      const end = at + text.length
      const count = way.count + 1
      const other = next[count]
      if (!other || end < other.end) next[count] = { count, end, found: [...way.found, true] }
    }
    best = next
  }
  return best.at(-1).found
}

/** The words left the phone whole and reached the agent otherwise: says how, when that is known. */
function misheard(line, turn) {
  const found = agent.damaged.find((one) => one.meant === turn.text)
  mark(line, 'wrong', 'The agent did not make this out')
  if (found) line.closest('.turn').classList.add('damaged')
  if (found) line.append(make('br'), make('span', { class: 'mono' }, measure(found)))
}

function mark(line, kind, text) {
  line.className = `check ${kind}`
  line.textContent = text
}

function announce(turn) {
  const who = turn.speaker === 'caller' ? 'You' : 'Agent'
  byId('spoken').textContent =
    turn.kind === 'damaged' ? `${who}: damaged speech` : `${who}: ${turn.text}`
}
