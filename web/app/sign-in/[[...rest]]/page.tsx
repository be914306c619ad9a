import { SignIn } from '@clerk/nextjs'
import type { Metadata } from 'next'
import { SigningFrame } from '../../signing-frame.tsx'

export const metadata: Metadata = { title: 'Sign in' }

export default function SignInPage() {
  return (
    <SigningFrame>
      <SignIn />
    </SigningFrame>
  )
}
