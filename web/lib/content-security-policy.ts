import type { WebConfig } from './config.ts'

/** The page's Content-Security-Policy: scripts by nonce only, connections to our own services only. */
export function contentSecurityPolicy(
  config: WebConfig,
  nonce: string,
  options: { isDevelopment: boolean },
): string {
  const clerk = clerkSources(config)
  const directives: Record<string, string[]> = {
    'default-src': ["'self'"],
    // strict-dynamic lets a script that carries the nonce load its own chunks, and nothing else.
    'script-src': [
      "'self'",
      `'nonce-${nonce}'`,
      "'strict-dynamic'",
      ...(options.isDevelopment ? ["'unsafe-eval'"] : []),
    ],
    // Clerk's components and the server-rendered style attributes have no nonce.
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:', 'blob:', ...clerk.images],
    'font-src': ["'self'", 'data:'],
    'media-src': ["'self'", 'blob:', config.apiUrl],
    'connect-src': [
      "'self'",
      config.apiUrl,
      ...liveSources(config.voiceUrl),
      ...clerk.connections,
      ...(options.isDevelopment ? ['ws:'] : []),
    ],
    'worker-src': ["'self'", 'blob:'],
    'frame-src': clerk.frames.length > 0 ? clerk.frames : ["'none'"],
    'object-src': ["'none'"],
    'base-uri': ["'self'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  }
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ')
}

/** Headers of every page, besides the policy. */
export const securityHeaders: Record<string, string> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': 'camera=(), geolocation=(), payment=(), usb=(), microphone=(self)',
  'cross-origin-opener-policy': 'same-origin-allow-popups',
}

/** A live feed is served by the gateway that owns the call: any port of the voice host, or a host below it. */
function liveSources(voiceUrl: string): string[] {
  const { hostname, protocol } = new URL(voiceUrl)
  const scheme = protocol === 'https:' ? 'wss' : 'ws'
  const isAddress = /^[\d.]+$|^\[/.test(hostname) || hostname === 'localhost'
  return [`${scheme}://${hostname}:*`, ...(isAddress ? [] : [`${scheme}://*.${hostname}:*`])]
}

function clerkSources(config: WebConfig) {
  // Behind our own origin the browser never speaks to Clerk directly.
  if (config.clerk.proxyUrl) return { connections: [], images: [], frames: [] }
  return {
    connections: [`https://${frontendApiHost(config.clerk.publishableKey)}`],
    images: ['https://img.clerk.com'],
    frames: ['https://challenges.cloudflare.com'],
  }
}

/** A publishable key is its kind and the Frontend API's host in base64, closed by a dollar sign. */
export function frontendApiHost(publishableKey: string): string {
  return atob(publishableKey.split('_')[2] ?? '').replace(/\$$/, '')
}
