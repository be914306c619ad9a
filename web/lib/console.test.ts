import { describe, expect, test } from 'vitest'
import { me } from '#contracts/access'
import { aMe, aMember } from '../testing/factories.ts'
import { createReachability, noteAnswer, reconnectPauseMs } from './api/reachability.ts'
import { parseConfig } from './config.ts'
import { contentSecurityPolicy, frontendApiHost } from './content-security-policy.ts'
import { chooseLocale } from './intl/locales.ts'
import { isOpenPath, paths } from './paths.ts'
import { placeBeside } from './place-beside.ts'
import { defaultPreferences, parsePreferences, writePreferences } from './preferences.ts'
import { isCurrent, sectionsFor } from './sections.ts'
import { isFreshToken } from './session-token.ts'

const environment = {
  CLERK_PUBLISHABLE_KEY: `pk_live_${btoa('clerk.example.com$')}`,
  CLERK_SECRET_KEY: 'sk_live_x',
  PUBLIC_API_URL: 'https://api.example.com/',
  PUBLIC_VOICE_URL: 'https://voice.example.com',
}

describe('the environment', () => {
  test('is read, without slashes at the end and with real line breaks in the key', () => {
    const config = parseConfig({
      ...environment,
      CLERK_JWT_KEY: '-----BEGIN\\nabc',
      CLERK_PROXY_URL: '',
    })
    expect(config.apiUrl).toBe('https://api.example.com')
    expect(config.clerk.jwtKey).toBe('-----BEGIN\nabc')
    expect(config.clerk.proxyUrl).toBeUndefined()
  })

  test('names everything that is missing at once', () => {
    expect(() => parseConfig({ CLERK_SECRET_KEY: 'sk_live_x' })).toThrow(
      /CLERK_PUBLISHABLE_KEY[\s\S]*PUBLIC_API_URL[\s\S]*PUBLIC_VOICE_URL/,
    )
  })
})

describe('the content security policy', () => {
  const directive = (policy: string, name: string) =>
    policy.split('; ').find((each) => each.startsWith(`${name} `)) ?? ''

  test('lets scripts run by nonce only', () => {
    const scripts = directive(
      contentSecurityPolicy(parseConfig(environment), 'abc', { isDevelopment: false }),
      'script-src',
    )
    expect(scripts).toBe("script-src 'self' 'nonce-abc' 'strict-dynamic'")
  })

  test('lets the page speak to the API, every gateway and Clerk, and to nobody else', () => {
    const policy = contentSecurityPolicy(parseConfig(environment), 'abc', { isDevelopment: false })
    expect(directive(policy, 'connect-src')).toBe(
      "connect-src 'self' https://api.example.com wss://voice.example.com:* wss://*.voice.example.com:* https://clerk.example.com",
    )
  })

  test('behind our own origin Clerk needs no exception', () => {
    const config = parseConfig({
      ...environment,
      CLERK_PROXY_URL: '/__clerk',
      PUBLIC_VOICE_URL: 'http://127.0.0.1:3002',
    })
    const policy = contentSecurityPolicy(config, 'abc', { isDevelopment: false })
    expect(directive(policy, 'connect-src')).toBe(
      "connect-src 'self' https://api.example.com ws://127.0.0.1:*",
    )
    expect(directive(policy, 'frame-src')).toBe("frame-src 'none'")
  })

  test('finds Clerk’s host in the publishable key', () => {
    expect(frontendApiHost(environment.CLERK_PUBLISHABLE_KEY)).toBe('clerk.example.com')
  })
})

describe('the side bar', () => {
  const shown = (person: ReturnType<typeof aMe>) =>
    sectionsFor(me.parse(person)).map((section) => section.key)

  test('follows the permission matrix', () => {
    expect(shown(aMember('sales_person'))).toEqual(['calls', 'knowledge'])
    expect(shown(aMember('org_manager'))).toEqual([
      'live',
      'calls',
      'agents',
      'numbers',
      'knowledge',
      'team',
    ])
    expect(shown(aMember('admin'))).toEqual([
      'live',
      'calls',
      'agents',
      'numbers',
      'knowledge',
      'wallet',
      'team',
      'settings',
      'audit',
    ])
    expect(shown(aMe({ membership: null, platformRole: 'manager' }))).toEqual([
      'overview',
      'organizations',
      'platformUsage',
    ])
    expect(shown(aMe({ membership: null, platformRole: 'super_admin' }))).toEqual([
      'overview',
      'organizations',
      'platformUsage',
      'configuration',
      'status',
      'jobs',
      'webhooks',
      'reconciliation',
      'platformAudit',
    ])
    expect(shown(aMe({ membership: null }))).toEqual([])
  })

  test('marks the section a page below it belongs to', () => {
    const [live, calls] = sectionsFor(me.parse(aMe()))
    expect(calls && isCurrent(calls, '/calls/1')).toBe(true)
    expect(live && isCurrent(live, '/calls/1')).toBe(false)
    const [overview, organizations] = sectionsFor(
      me.parse(aMe({ membership: null, platformRole: 'manager' })),
    )
    expect(overview && isCurrent(overview, '/platform/organizations')).toBe(false)
    expect(organizations && isCurrent(organizations, '/platform/organizations/1')).toBe(true)
  })
})

describe('paths', () => {
  test('carry their search and leave out what is empty', () => {
    expect(paths.call('a', { t: '83' })).toBe('/calls/a?t=83')
    expect(paths.calls()).toBe('/calls')
  })

  test('only sign-in, sign-up and probes are open to strangers', () => {
    expect(['/sign-in', '/sign-in/factor-one', '/sign-up', '/livez'].every(isOpenPath)).toBe(true)
    expect(['/', '/calls', '/sign-inx', '/live'].some(isOpenPath)).toBe(false)
  })
})

describe('preferences', () => {
  test('survive being written to the cookie and read again', () => {
    const all = { isSidebarCollapsed: true, hasSingleKeys: false, isChecklistPutAway: true }
    expect(parsePreferences(writePreferences(all))).toEqual(all)
    expect(parsePreferences(writePreferences(defaultPreferences))).toEqual(defaultPreferences)
  })

  test('a cookie of nonsense gives the defaults', () => {
    expect(parsePreferences('<script>.x')).toEqual(defaultPreferences)
  })
})

describe('the language', () => {
  test('is the chosen one, else the browser’s first that we speak, else English', () => {
    expect(chooseLocale('de', 'en')).toBe('de')
    expect(chooseLocale(undefined, 'fr-FR, de-AT;q=0.8, en;q=0.5')).toBe('de')
    expect(chooseLocale('xx', 'en-GB,de;q=0.2')).toBe('en')
    expect(chooseLocale(undefined, null)).toBe('en')
  })
})

describe('reachability', () => {
  test('remembers when the last answer came, and its loss only once', () => {
    const store = createReachability()
    const at = new Date('2026-11-20T12:03:00Z')
    let changes = 0
    store.subscribe(() => {
      changes += 1
    })
    noteAnswer(store, true, at)
    noteAnswer(store, false, new Date())
    noteAnswer(store, false, new Date())
    expect(store.get()).toEqual({ isReachable: false, lastAnswerAt: at })
    expect(changes).toBe(2)
  })

  test('pauses grow up to half a minute', () => {
    expect([0, 1, 2, 5, 99].map(reconnectPauseMs)).toEqual([1_000, 2_000, 4_000, 30_000, 30_000])
  })
})

describe('the first token', () => {
  const token = (claims: unknown) => `x.${btoa(JSON.stringify(claims))}.x`

  test('is used while it has more than a moment to live', () => {
    expect(isFreshToken(token({ exp: 1_060 }), 1_000_000)).toBe(true)
    expect(isFreshToken(token({ exp: 1_009 }), 1_000_000)).toBe(false)
  })

  test('anything else than a token is not used', () => {
    expect(isFreshToken(null, 0)).toBe(false)
    expect(isFreshToken('nonsense', 0)).toBe(false)
    expect(isFreshToken(token('text'), 0)).toBe(false)
  })
})

describe('floating boxes', () => {
  const view = { width: 400, height: 300 }
  const size = { width: 100, height: 20 }

  test('stand centred below, and above where there is no room', () => {
    expect(
      placeBeside({ left: 200, top: 10, width: 40, height: 30 }, size, view, 'bottom'),
    ).toEqual({
      left: 170,
      top: 46,
    })
    expect(
      placeBeside({ left: 200, top: 270, width: 40, height: 30 }, size, view, 'bottom').top,
    ).toBe(244)
  })

  test('never leave the window', () => {
    expect(
      placeBeside({ left: 390, top: 10, width: 10, height: 10 }, size, view, 'bottom').left,
    ).toBe(292)
    expect(
      placeBeside({ left: 350, top: 10, width: 40, height: 30 }, size, view, 'right').left,
    ).toBe(244)
  })
})
