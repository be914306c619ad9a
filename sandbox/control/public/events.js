import { api, attempt, byId, liveSocket, make } from './common.js'
import { presets } from './presets.js'

const vendors = ['twilio', 'elevenlabs', 'openai', 'clerk', 'stripe', 'mail', 'customer']
const MAX_SHOWN = 400 // of the newest; filters find the rest
const DRAW_EVERY_MS = 250 // a busy call writes dozens of entries a second

const entries = new Map()
let isPaused = false
let isDrawn = true
const opened = new Set()

// Fault switches.

async function listRules() {
  const rules = await api('GET', '/sandbox/faults')
  byId('no-rules').hidden = rules.length > 0
  byId('clear-faults').disabled = rules.length === 0
  byId('rules').replaceChildren(...rules.map(ruleLine))
}

function ruleLine(rule) {
  const { type, ...values } = rule.action
  const isSpent = rule.fired >= (rule.times ?? 1)
  const where = [rule.vendor, rule.on, rule.method, rule.path].filter(Boolean).join(' ')
  const how = Object.entries(values)
    .map(([key, value]) => `${key} ${typeof value === 'object' ? '…' : value}`)
    .join(', ')
  return make(
    'li',
    { class: isSpent ? 'spent' : undefined },
    make(
      'span',
      {},
      make('strong', {}, type),
      how ? ` ${how}` : '',
      make('br'),
      make('span', { class: 'soft' }, `${where} · fired ${rule.fired} of ${rule.times ?? 1}`),
    ),
    make(
      'span',
      { class: 'row' },
      type === 'block' &&
        make(
          'button',
          {
            class: 'small',
            type: 'button',
            onclick: () => change('POST', `/sandbox/faults/${rule.id}/release`),
          },
          'Release',
        ),
      make(
        'button',
        {
          class: 'small',
          type: 'button',
          'aria-label': `Remove ${type} on ${where}`,
          onclick: () => change('DELETE', `/sandbox/faults/${rule.id}`),
        },
        'Remove',
      ),
    ),
  )
}

const change = (method, path, body) =>
  attempt(async () => {
    await api(method, path, body)
    await listRules()
  })

byId('presets').append(
  ...presets.map(({ name, about, rule }) =>
    make(
      'li',
      {},
      make(
        'button',
        { type: 'button', onclick: () => change('POST', '/sandbox/faults', rule) },
        name,
        make('small', {}, about),
      ),
    ),
  ),
)
byId('clear-faults').addEventListener('click', () => change('DELETE', '/sandbox/faults'))
byId('json').value = JSON.stringify(
  {
    vendor: 'twilio',
    on: 'request',
    method: 'POST',
    path: '/Calls',
    times: 1,
    skip: 0,
    action: { type: 'status', status: 500 },
  },
  null,
  2,
)
byId('rule').addEventListener('submit', (event) => {
  event.preventDefault()
  attempt(async () => {
    await api('POST', '/sandbox/faults', JSON.parse(byId('json').value))
    await listRules()
  })
})

// The journal.

for (const vendor of vendors) byId('vendor').append(make('option', { value: vendor }, vendor))
for (const id of ['vendor', 'kind', 'path'])
  byId(id).addEventListener('input', () => attempt(readJournal))
byId('pause').addEventListener('click', () => {
  isPaused = !isPaused
  byId('pause').setAttribute('aria-pressed', String(isPaused))
  byId('pause').textContent = isPaused ? 'Go on' : 'Pause'
  if (!isPaused) attempt(readJournal)
})
byId('clear-journal').addEventListener('click', () =>
  attempt(async () => {
    await api('DELETE', '/sandbox/journal')
    await readJournal()
  }),
)

const filter = () => ({
  vendor: byId('vendor').value,
  kind: byId('kind').value,
  path: byId('path').value,
})

async function readJournal() {
  const wanted = Object.entries({ ...filter(), limit: MAX_SHOWN }).filter(([, value]) => value)
  const found = await api('GET', `/sandbox/journal?${new URLSearchParams(wanted)}`)
  entries.clear()
  for (const entry of found) entries.set(entry.seq, entry)
  isDrawn = false
}

function take(entry) {
  if (isPaused) return
  const { vendor, kind, path } = filter()
  if (vendor && entry.vendor !== vendor) return
  if (kind && entry.kind !== kind) return
  if (path && !(entry.path ?? '').includes(path)) return
  entries.set(entry.seq, entry)
  for (const [oldest] of entries) {
    if (entries.size <= MAX_SHOWN) break
    entries.delete(oldest)
  }
  isDrawn = false
}

setInterval(() => {
  if (isDrawn) return
  isDrawn = true
  byId('no-entries').hidden = entries.size > 0
  byId('entries').replaceChildren(...[...entries.values()].reverse().map(entryLine))
}, DRAW_EVERY_MS)

function entryLine(entry) {
  const isBad = entry.status >= 400
  const what = [entry.method, entry.path, entry.note].filter(Boolean).join(' ')
  const details = make(
    'details',
    { open: opened.has(entry.seq) },
    make(
      'summary',
      {},
      make('span', { class: 'time mono soft' }, (entry.at / 1_000).toFixed(2)),
      make('span', {}, entry.vendor),
      make('span', { class: 'kind soft' }, entry.kind),
      make(
        'span',
        {
          class: `what ${/^(fault|unrecognised)/.test(entry.note ?? '') ? 'fault' : ''}`,
          title: what,
        },
        what,
      ),
      make(
        'span',
        { class: `status ${isBad ? 'failed' : ''}` },
        entry.status ? String(entry.status) : '',
      ),
    ),
    make('pre', { tabindex: '0' }, JSON.stringify(entry, null, 2)),
  )
  details.addEventListener('toggle', () => {
    if (details.open) opened.add(entry.seq)
    else opened.delete(entry.seq)
  })
  return make('li', {}, details)
}

// Figures.

async function readFigures() {
  const status = await api('GET', '/sandbox/status')
  const figures = [
    ['Voice', status.engine],
    ['Live legs', status.liveLegs],
    ['Conversations', status.conversations],
    ['Unrecognised speech', status.unrecognised],
  ]
  byId('figures').replaceChildren(
    ...figures.map(([name, value]) =>
      make(
        'div',
        { class: name === 'Unrecognised speech' && value > 0 ? 'bad' : undefined },
        make('dt', {}, name),
        make('dd', {}, String(value)),
      ),
    ),
  )
}

const FIGURES_EVERY_MS = 2_000
setInterval(() => {
  if (!document.hidden) Promise.all([readFigures(), listRules()]).catch(() => showTail(false))
}, FIGURES_EVERY_MS)

function showTail(isUp) {
  byId('tail').className = `chip ${isUp ? 'live' : 'failed'}`
  byId('tail').textContent = isUp ? 'Live' : 'Disconnected'
}

liveSocket('/sandbox/journal/live', {
  onJson: take,
  onState(isUp) {
    showTail(isUp)
    if (isUp && !isPaused) attempt(readJournal)
  },
})
await attempt(() => Promise.all([readFigures(), listRules()]))
