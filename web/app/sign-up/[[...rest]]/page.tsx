import { SignUp } from '@clerk/nextjs'
import type { Metadata } from 'next'
import { SigningFrame } from '../../signing-frame.tsx'

export const metadata: Metadata = { title: 'Sign up' }

export default function SignUpPage() {
  return (
    <SigningFrame>
      <SignUp />
    </SigningFrame>
  )
}
