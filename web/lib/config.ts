import { z } from 'zod'

const httpUrl = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ''))
// An empty line in an env file means "not set".
const optionalText = z
  .string()
  .optional()
  .transform((text) => text || undefined)

const environment = z.object({
  CLERK_PUBLISHABLE_KEY: z
    .string()
    .regex(/^pk_(live|test)_/, 'must begin with pk_live_ or pk_test_'),
  CLERK_SECRET_KEY: z.string().regex(/^sk_(live|test)_/, 'must begin with sk_live_ or sk_test_'),
  // Env files keep a PEM on one line; Clerk reads only real line breaks.
  CLERK_JWT_KEY: optionalText.transform((text) => text?.replaceAll('\\n', '\n')),
  CLERK_PROXY_URL: optionalText,
  PUBLIC_API_URL: httpUrl,
  PUBLIC_VOICE_URL: httpUrl,
  VOXCALLS_SHOWS_GALLERY: optionalText,
})

/**
 * What the console's server half is told. Clerk's packages read CLERK_SECRET_KEY (checked here all the same), CLERK_FAPI_URL and
 * CLERK_API_URL themselves.
 */
export type WebConfig = {
  clerk: {
    publishableKey: string
    jwtKey: string | undefined
    /** Set where Clerk's Frontend API is reached through our own origin. */
    proxyUrl: string | undefined
  }
  apiUrl: string
  voiceUrl: string
  /** Whether /dev/ui, the page of all components, is served by a production build. */
  showsGallery: boolean
}

/** Parses the environment; every fault is named at once, a line each. */
export function parseConfig(source: Record<string, string | undefined>): WebConfig {
  const parsed = environment.safeParse(source)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`The console's environment is incomplete:\n${lines.join('\n')}`)
  }
  const env = parsed.data
  return {
    clerk: {
      publishableKey: env.CLERK_PUBLISHABLE_KEY,
      jwtKey: env.CLERK_JWT_KEY,
      proxyUrl: env.CLERK_PROXY_URL,
    },
    apiUrl: env.PUBLIC_API_URL,
    voiceUrl: env.PUBLIC_VOICE_URL,
    showsGallery: env.VOXCALLS_SHOWS_GALLERY === '1',
  }
}

let parsedOnce: WebConfig | undefined

/** Read at request time, never at build time, so that one build serves every environment. */
export function readConfig(): WebConfig {
  parsedOnce ??= parseConfig(process.env)
  return parsedOnce
}
