import { clerkMiddleware } from '@clerk/nextjs/server'
import { type NextRequest, NextResponse } from 'next/server'
import { readConfig } from './lib/config.ts'
import { contentSecurityPolicy, securityHeaders } from './lib/content-security-policy.ts'
import { isOpenPath } from './lib/paths.ts'

const isDevelopment = process.env.NODE_ENV === 'development'

export default clerkMiddleware(
  async (auth, request) => {
    if (!isOpenPath(request.nextUrl.pathname)) await auth.protect()
    return withSecurityHeaders(request)
  },
  () => {
    const { clerk } = readConfig()
    // The secret key is left to Clerk's own reading of CLERK_SECRET_KEY: given here, it would ask for one more key.
    return {
      publishableKey: clerk.publishableKey,
      signInUrl: '/sign-in',
      signUpUrl: '/sign-up',
      ...(clerk.jwtKey && { jwtKey: clerk.jwtKey }),
      ...(clerk.proxyUrl && { proxyUrl: clerk.proxyUrl, frontendApiProxy: { enabled: true } }),
    }
  },
)

/** Next reads the nonce for its own scripts from the policy in the request's headers. */
function withSecurityHeaders(request: NextRequest): NextResponse {
  const nonce = btoa(crypto.randomUUID())
  const policy = contentSecurityPolicy(readConfig(), nonce, { isDevelopment })
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  for (const [name, value] of Object.entries(securityHeaders)) response.headers.set(name, value)
  return response
}

export const config = {
  matcher: [
    '/((?!_next|[^?]*\\.(?:html?|css|js|png|jpe?g|svg|ico|woff2?)).*)',
    // Clerk's own files end in .js and must still pass.
    '/__clerk/(.*)',
  ],
}
