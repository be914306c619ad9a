// What the three pages share: the bar at the top, the API, small makers of elements.

const pages = [
  ['/', 'Softphone'],
  ['/inbox', 'Inbox'],
  ['/events', 'Events'],
]

const MARK = 'M3 10v4M7.5 6v12M12 3v18M16.5 7v10M21 10v4'

/** `make('li', { class: 'turn' }, 'text', child)`; a text is never read as HTML. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else element.setAttribute(key, value === true ? '' : value)
  }
  element.append(
    ...children.filter((child) => child !== undefined && child !== false && child !== ''),
  )
  return element
}

export const byId = (id) => document.getElementById(id)

/** Answers the JSON body; a refusal throws with its own sentence. */
export async function api(method, path, body) {
  const response = await fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const answer = text ? JSON.parse(text) : undefined
  if (!response.ok) throw new Error(answer?.title ?? `The sandbox answered ${response.status}.`)
  return answer
}

const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 8_000

/** A socket that comes back by itself, ever more slowly, until it is closed here. */
export function liveSocket(path, { onJson, onAudio, onState }) {
  let socket
  let timer
  let retryMs = FIRST_RETRY_MS
  let closed = false

  const open = () => {
    socket = new WebSocket(
      `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`,
    )
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => {
      retryMs = FIRST_RETRY_MS
      onState?.(true)
    }
    socket.onmessage = ({ data }) =>
      typeof data === 'string' ? onJson?.(JSON.parse(data)) : onAudio?.(new Uint8Array(data))
    socket.onclose = () => {
      if (closed) return
      onState?.(false)
      timer = setTimeout(open, retryMs)
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
    }
  }
  open()
  return {
    close() {
      closed = true
      clearTimeout(timer)
      socket.close()
    },
  }
}

/** Shows one sentence above the page, or takes it away. */
export function notice(text, isBad = false) {
  const element = byId('notice')
  element.hidden = !text
  element.classList.toggle('bad', isBad)
  element.textContent = text ?? ''
}

/** Runs what a person asked for and says why when it is refused. */
export async function attempt(work) {
  try {
    notice()
    return await work()
  } catch (error) {
    notice(error.message, true)
    return undefined
  }
}

function drawTop() {
  const top = document.querySelector('.top')
  const here = top.dataset.page
  const mark = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  for (const [key, value] of Object.entries({
    viewBox: '0 0 24 24',
    width: '20',
    height: '20',
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '2.4',
    'stroke-linecap': 'round',
    'aria-hidden': 'true',
  }))
    mark.setAttribute(key, value)
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', MARK)
  mark.append(path)

  const links = pages.map(([href, name]) =>
    make('a', { href, 'aria-current': href === here ? 'page' : undefined }, name),
  )
  top.append(
    make('span', { class: 'mark' }, mark, 'VoxCalls sandbox'),
    make('nav', { 'aria-label': 'Sandbox' }, ...links),
    make('span', { class: 'place' }, 'Nothing leaves this machine'),
  )
}

drawTop()

// A list that scrolls must be reachable with the keyboard alone.
for (const id of ['transcript', 'timeline', 'entries', 'text-view']) {
  const scroller = byId(id)
  if (scroller) scroller.tabIndex = 0
}
