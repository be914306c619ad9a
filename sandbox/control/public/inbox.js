import { api, attempt, byId, liveSocket, make } from './common.js'

let mails = []
let shown
let view = 'html'

async function list() {
  const to = byId('to').value.trim()
  mails = await api('GET', `/sandbox/mail${to ? `?to=${encodeURIComponent(to)}` : ''}`)
  byId('empty').hidden = mails.length > 0
  byId('list').replaceChildren(...mails.map(line))
}

function line(mail) {
  return make(
    'li',
    {},
    make(
      'button',
      {
        type: 'button',
        'aria-current': mail.id === shown?.id ? 'true' : undefined,
        onclick: () => attempt(() => open(mail.id, true)),
      },
      make('b', {}, mail.subject || '(no subject)'),
      make('span', { class: 'soft' }, new Date(mail.at).toLocaleTimeString()),
      make('span', { class: 'soft' }, `to ${mail.to.join(', ')}`),
    ),
  )
}

async function open(id, isAsked = false) {
  shown = await api('GET', `/sandbox/mail/${encodeURIComponent(id)}`)
  history.replaceState(null, '', `/inbox?mail=${id}`)
  byId('message').hidden = false
  byId('subject').textContent = shown.subject || '(no subject)'
  const fields = {
    From: shown.headers.from ?? shown.from ?? '',
    To: shown.to.join(', '),
    Sent: new Date(shown.at).toLocaleString(),
    ...(shown.attachments.length > 0
      ? { Attached: shown.attachments.map((file) => file.filename ?? file.mimeType).join(', ') }
      : {}),
  }
  byId('fields').replaceChildren(
    ...Object.entries(fields).flatMap(([name, value]) => [
      make('dt', {}, name),
      make('dd', {}, value),
    ]),
  )
  byId('html').src = shown.html ? `/sandbox/mail/${encodeURIComponent(id)}/html` : 'about:blank'
  show(shown.html ? view : view === 'html' ? 'text' : view)
  await list()
  // A person who opened it reads on there; one who came by a link starts at the top of the page.
  if (isAsked) byId('subject').focus()
}

function show(asked) {
  byId('html').hidden = asked !== 'html'
  byId('text-view').hidden = asked === 'html'
  byId('text-view').textContent = asked === 'raw' ? shown.raw : shown.text
  for (const button of document.querySelectorAll('[data-view]')) {
    button.setAttribute('aria-pressed', String(button.dataset.view === asked))
    button.disabled = button.dataset.view === 'html' && !shown.html
  }
}

for (const button of document.querySelectorAll('[data-view]'))
  button.addEventListener('click', () => {
    view = button.dataset.view
    show(view)
  })

byId('to').addEventListener('input', () => attempt(list))

byId('clear').addEventListener('click', () =>
  attempt(async () => {
    await api('DELETE', '/sandbox/mail')
    shown = undefined
    byId('message').hidden = true
    history.replaceState(null, '', '/inbox')
    await list()
  }),
)

// The journal tells when something has arrived; the list is then read anew.
liveSocket('/sandbox/journal/live', {
  onJson: (entry) => entry.vendor === 'mail' && entry.method === 'DATA' && attempt(list),
  onState: (isUp) => isUp && attempt(list),
})

const wanted = new URLSearchParams(location.search).get('mail')
if (wanted) await attempt(() => open(wanted))
