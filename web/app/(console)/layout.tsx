import { auth } from '@clerk/nextjs/server'
import type { ReactNode } from 'react'
import { readConfig } from '../../lib/config.ts'
import { ConsoleFrame } from './console-frame.tsx'

/** Everything behind the sign-in. The proxy has already asked; a page must not rely on that alone. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const { isAuthenticated, redirectToSignIn, getToken } = await auth()
  if (!isAuthenticated) return redirectToSignIn()
  return (
    <ConsoleFrame apiUrl={readConfig().apiUrl} firstToken={await getToken()}>
      {children}
    </ConsoleFrame>
  )
}
