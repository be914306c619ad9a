// As much XML as TwiML is made of: elements, attributes, text, comments, CDATA, the five named
// entities and numeric ones. A document type is refused, as it has no place there.
export type XmlElement = {
  name: string
  attributes: Record<string, string>
  children: (XmlElement | string)[]
}

export class XmlError extends Error {
  override readonly name = 'XmlError'
}

const MAX_ELEMENTS = 1_000 // far more than a call can work through
const NAME = /[A-Za-z_][\w.:-]*/y
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

export function parseXml(source: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [] }
  const open: XmlElement[] = [root]
  let count = 0
  let at = source.charCodeAt(0) === 0xfeff ? 1 : 0

  while (at < source.length) {
    const parent = open.at(-1)!
    if (source[at] !== '<') {
      const end = source.indexOf('<', at)
      parent.children.push(unescapeXml(source.slice(at, end < 0 ? undefined : end)))
      at = end < 0 ? source.length : end
    } else if (source.startsWith('<?', at)) at = after(source, '?>', at)
    else if (source.startsWith('<!--', at)) at = after(source, '-->', at)
    else if (source.startsWith('<![CDATA[', at)) {
      const end = after(source, ']]>', at)
      parent.children.push(source.slice(at + 9, end - 3))
      at = end
    } else if (source.startsWith('<!', at)) throw new XmlError('a document type is not allowed')
    else if (source.startsWith('</', at)) {
      const end = after(source, '>', at)
      const name = source.slice(at + 2, end - 1).trim()
      if (open.length < 2 || parent.name !== name) throw new XmlError(`unexpected </${name}>`)
      open.pop()
      at = end
    } else {
      if (++count > MAX_ELEMENTS) throw new XmlError(`more than ${MAX_ELEMENTS} elements`)
      const tag = readTag(source, at)
      parent.children.push(tag.element)
      if (!tag.closed) open.push(tag.element)
      at = tag.end
    }
  }

  if (open.length > 1) throw new XmlError(`<${open.at(-1)!.name}> is not closed`)
  return onlyRoot(root)
}

export function elementsOf(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => typeof child !== 'string')
}

export function textOf(element: XmlElement): string {
  return element.children
    .map((child) => (typeof child === 'string' ? child : textOf(child)))
    .join('')
    .replace(/\s+/g, ' ')
    .trim()
}

function onlyRoot(document: XmlElement): XmlElement {
  const [root, ...more] = elementsOf(document)
  const stray = document.children.some((child) => typeof child === 'string' && child.trim() !== '')
  if (!root || more.length > 0 || stray)
    throw new XmlError('a document has exactly one root element')
  return root
}

function readTag(source: string, from: number) {
  let at = from + 1
  const name = readName(source, at)
  at += name.length
  const element: XmlElement = { name, attributes: {}, children: [] }
  for (;;) {
    const gap = spaceAt(source, at)
    at += gap
    if (source.startsWith('/>', at)) return { element, closed: true, end: at + 2 }
    if (source[at] === '>') return { element, closed: false, end: at + 1 }
    if (gap === 0) throw new XmlError(`<${name}> is malformed`)
    const key = readName(source, at)
    at += key.length
    at += spaceAt(source, at)
    if (source[at] !== '=') throw new XmlError(`${key} has no value`)
    at += 1 + spaceAt(source, at + 1)
    const quote = source[at]
    if (quote !== '"' && quote !== "'") throw new XmlError(`the value of ${key} is not quoted`)
    const end = after(source, quote, at + 1)
    if (Object.hasOwn(element.attributes, key)) throw new XmlError(`${key} stands twice`)
    element.attributes[key] = unescapeXml(source.slice(at + 1, end - 1))
    at = end
  }
}

function readName(source: string, at: number): string {
  NAME.lastIndex = at
  const found = NAME.exec(source)
  if (!found) throw new XmlError(`a name is missing at character ${at}`)
  return found[0]
}

function spaceAt(source: string, at: number): number {
  let end = at
  while (end < source.length && /\s/.test(source[end]!)) end++
  return end - at
}

function after(source: string, wanted: string, from: number): number {
  const at = source.indexOf(wanted, from)
  if (at < 0) throw new XmlError(`${wanted} is missing`)
  return at + wanted.length
}

function unescapeXml(text: string): string {
  if (text.includes('<')) throw new XmlError('a bare < in a value')
  return text.replace(/&([^;\s]*;?)/g, (whole, inner: string) => {
    const name = inner.endsWith(';') ? inner.slice(0, -1) : ''
    const numeric = /^#(?:x([0-9a-f]+)|(\d+))$/i.exec(name)
    if (numeric)
      return String.fromCodePoint(Number.parseInt(numeric[1] ?? numeric[2]!, numeric[1] ? 16 : 10))
    const known = ENTITIES[name]
    if (known === undefined) throw new XmlError(`unknown entity ${whole}`)
    return known
  })
}
