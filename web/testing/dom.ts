// What jsdom lacks and a component asks for while it is drawn.

import { cleanup, configure } from '@testing-library/react'
import { afterEach } from 'vitest'

// A bound for what is awaited, not a pause: two busy cores draw a screen slower than the second it is given by default.
configure({ asyncUtilTimeout: 8_000 })

class NoObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

Object.assign(globalThis, { ResizeObserver: NoObserver })
Element.prototype.scrollIntoView = () => undefined
Element.prototype.hasPointerCapture = () => false
Element.prototype.setPointerCapture = () => undefined
Element.prototype.releasePointerCapture = () => undefined

let isWide = true

/** A window wide enough for two columns, or not. */
export function setWide(wide: boolean): void {
  isWide = wide
}

window.matchMedia = (query) =>
  ({
    matches: query.includes('min-width') ? isWide : false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList

// jsdom draws no media: an element that plays nothing, and says so to nobody.
HTMLMediaElement.prototype.play = () => Promise.resolve()
HTMLMediaElement.prototype.pause = () => undefined
HTMLMediaElement.prototype.load = () => undefined

afterEach(() => {
  cleanup()
  isWide = true
})
