import { api, attempt, byId, liveSocket, make, notice } from './common.js'
import { makeMeter, makeSpeaker } from './sound.js'
import { addEvent, clearTimeline } from './timeline.js'
import { showAgent, showTurn, startTranscript } from './transcript.js'

const sides = ['caller', 'agent']
const over = ['completed', 'busy', 'failed', 'no-answer', 'canceled']
const phrases = ['Hello, who am I speaking with?', 'What does it cost?', 'Thank you, goodbye.']

const meters = { caller: makeMeter(byId('level-caller')), agent: makeMeter(byId('level-agent')) }
let speaker
let isMuted = false
/** The call on the page: its socket, its state, when it was answered. */
let current

// Dialling.

byId('dial').addEventListener('submit', async (event) => {
  event.preventDefault()
  byId('call').disabled = true
  await attempt(async () => {
    await wakeSpeaker()
    const call = { from: byId('from').value, to: byId('to').value }
    const { callSid } = await api('POST', '/sandbox/calls', call)
    open(callSid)
  })
  byId('call').disabled = false
})

byId('hangup').addEventListener('click', () =>
  attempt(() => api('POST', `/sandbox/calls/${current.callSid}/hangup`)),
)

for (const button of document.querySelectorAll('[data-key]'))
  button.addEventListener('click', () => press(button.dataset.key))

function press(key) {
  flash(key)
  if (isLive())
    return attempt(() => api('POST', `/sandbox/calls/${current.callSid}/press`, { digits: key }))
  if (!current || isOver()) byId('to').value += key
}

// Keys of the keyboard work as the keypad does, unless somebody is typing.
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (/^(input|textarea|select)$/i.test(event.target.tagName)) return
  if (/^[0-9*#]$/.test(event.key)) press(event.key)
})

function flash(key) {
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`)
  button.classList.add('pressed')
  setTimeout(() => button.classList.remove('pressed'), 150)
}

// Speaking.

byId('say').addEventListener('submit', (event) => {
  event.preventDefault()
  const text = byId('text').value.trim()
  if (!text) return
  byId('text').value = ''
  say(text)
})

function say(text) {
  const body = { text, voice: byId('voice').value }
  return attempt(() => api('POST', `/sandbox/calls/${current.callSid}/say`, body))
}

byId('phrases').append(
  ...phrases.map((text) =>
    make('button', { type: 'button', class: 'small', onclick: () => say(text) }, text),
  ),
)

// Hearing.

byId('sound').addEventListener('click', async () => {
  isMuted = !isMuted && speaker !== undefined
  byId('sound').setAttribute('aria-pressed', String(!isMuted))
  byId('sound').textContent = isMuted ? 'Sound off' : 'Sound on'
  await attempt(wakeSpeaker)
  await speaker?.mute(isMuted)
})

async function wakeSpeaker() {
  speaker ??= await makeSpeaker(({ underruns, waitingMs }) => {
    if (isLive())
      byId('counters').textContent =
        `Speaker: ${Math.round(waitingMs)} ms buffered, ${underruns} gaps`
  })
  if (!isMuted) await speaker.mute(false)
}

// Following a call.

function open(callSid) {
  current?.socket.close()
  speaker?.clear()
  startTranscript()
  clearTimeline()
  current = { callSid, status: 'queued', answeredAt: undefined }
  history.replaceState(null, '', `/?call=${callSid}`)
  current.socket = liveSocket(`/sandbox/calls/${callSid}/audio`, {
    onJson: hear,
    onAudio: play,
    onState: (isUp) =>
      notice(
        isUp || isOver() ? undefined : 'The line to the sandbox is gone. Trying again.',
        !isUp,
      ),
  })
  const recording = byId('recording')
  recording.href = `/sandbox/calls/${callSid}/recording`
  recording.download = `${callSid}.wav`
  draw()
  void attempt(listRecent)
}

async function join(callSid) {
  await wakeSpeaker()
  open(callSid)
}

const handlers = {
  snapshot(news) {
    startTranscript()
    clearTimeline()
    for (const turn of news.turns) showTurn(turn)
    for (const event of news.log) addEvent(event)
    byId('to').value = news.to
    byId('from').value = news.from
    setStatus(news.status, news.durationSeconds)
  },
  turn: ({ turn }) => showTurn(turn),
  agent: ({ agent }) => showAgent(agent),
  event: ({ event }) => addEvent(event),
  status: ({ status, durationSeconds }) => setStatus(status, durationSeconds),
}

const hear = (news) => handlers[news.type]?.(news)

function play(message) {
  const bytes = message.subarray(1)
  meters[sides[message[0]]].hear(bytes)
  if (!isMuted) speaker?.play(message[0], bytes)
}

function setStatus(status, durationSeconds) {
  const wasLive = isLive()
  const isNew = status !== current.status
  current.status = status
  if (status === 'in-progress') current.answeredAt ??= Date.now() - durationSeconds * 1_000
  current.durationSeconds = durationSeconds
  if (isOver()) for (const meter of Object.values(meters)) meter.rest()
  if (isNew) void attempt(listRecent)
  draw()
  if (!wasLive && isLive()) byId('text').focus()
}

const isLive = () => current?.status === 'in-progress'
const isOver = () => over.includes(current?.status)

// Drawing.

const words = {
  queued: ['Calling', 'waiting'],
  ringing: ['Ringing', 'waiting'],
  'in-progress': ['In call', 'live'],
  completed: ['Ended', ''],
  canceled: ['Hung up before an answer', ''],
  busy: ['Busy', 'failed'],
  failed: ['Failed', 'failed'],
  'no-answer': ['No answer', 'failed'],
}

function draw() {
  const [text, kind] = words[current?.status] ?? ['Ready', '']
  const chip = byId('status')
  chip.className = `chip ${kind}`
  if (chip.textContent !== text) chip.textContent = text
  const isRunning = current !== undefined && !isOver()
  byId('call').hidden = isRunning
  byId('hangup').hidden = !isRunning
  byId('to').readOnly = isRunning
  byId('from').readOnly = isRunning
  byId('text').disabled = !isLive()
  byId('say-button').disabled = !isLive()
  for (const button of byId('phrases').children) button.disabled = !isLive()
  byId('recording').hidden = !isOver() || !current?.durationSeconds
}

setInterval(() => {
  const seconds = isLive()
    ? Math.floor((Date.now() - current.answeredAt) / 1_000)
    : (current?.durationSeconds ?? 0)
  byId('clock').textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}, 250)

// What there is to call, and what was called.

async function listNumbers() {
  const numbers = await api('GET', '/sandbox/numbers')
  const usable = numbers.filter((number) => number.isAnswered)
  byId('numbers').replaceChildren(
    ...numbers.map(({ number, name }) => make('option', { value: number }, name)),
  )
  if (!byId('to').value) byId('to').value = (usable[0] ?? numbers[0])?.number ?? ''
  byId('known').textContent =
    numbers.length === 0
      ? 'No number is set up yet. Import one in the console.'
      : `${usable.length} of ${numbers.length} numbers ${usable.length === 1 ? 'is' : 'are'} answered here.`
}

async function listRecent() {
  const calls = await api('GET', '/sandbox/calls')
  byId('no-calls').hidden = calls.length > 0
  byId('recent').replaceChildren(
    ...calls.map((call) => {
      const [text, kind] = words[call.status] ?? [call.status, '']
      const person = call.direction === 'inbound' ? `${call.from} → ${call.to}` : `→ ${call.to}`
      const isShown = call.callSid === current?.callSid
      return make(
        'li',
        {},
        make(
          'button',
          {
            type: 'button',
            'aria-current': isShown ? 'true' : undefined,
            onclick: () => attempt(() => join(call.callSid)),
          },
          make(
            'span',
            {},
            person,
            make('br'),
            make(
              'span',
              { class: 'soft' },
              new Date(call.createdAt).toLocaleTimeString(),
              over.includes(call.status) ? ` · ${call.durationSeconds} s` : '',
            ),
          ),
          make('span', { class: `chip ${kind}` }, text),
        ),
      )
    }),
  )
}

// Calls that others make, the product above all, appear by themselves.
const LIST_AFTER_MS = 400
let isListing = false
liveSocket('/sandbox/journal/live', {
  onJson(entry) {
    if (entry.vendor !== 'twilio' || isListing) return
    isListing = true
    setTimeout(() => {
      isListing = false
      listRecent().catch((error) => notice(error.message, true))
    }, LIST_AFTER_MS)
  },
})
addEventListener('focus', () => attempt(listNumbers))

byId('refresh').addEventListener('click', () => attempt(listRecent))

async function showEngine() {
  const { engine, fallbackBecause } = await api('GET', '/sandbox/status')
  if (fallbackBecause)
    notice(
      `The clear voice is not installed, so the built-in ${engine} voice speaks: read along. (${fallbackBecause})`,
    )
}

draw()
await attempt(async () => {
  await Promise.all([listNumbers(), listRecent()])
  await showEngine()
  const callSid = new URLSearchParams(location.search).get('call')
  if (callSid) {
    await api('GET', `/sandbox/calls/${encodeURIComponent(callSid)}`)
    open(callSid)
  }
})
