'use client'
import { createContext, type ReactNode, useContext } from 'react'
import type { z } from 'zod'
import { can, type Permission } from '#api/contract/permissions.ts'
import type { me } from '#contracts/access'

export type Me = z.output<typeof me>

const MeContext = createContext<Me | null>(null)

export const MeProvider = (props: { me: Me; children: ReactNode }) => (
  <MeContext value={props.me}>{props.children}</MeContext>
)

/** Who is signed in. Only below the shell, which waits for the answer. */
export function useMe(): Me {
  const known = useContext(MeContext)
  if (!known) throw new Error('useMe needs a MeProvider above it')
  return known
}

/** Whether either of a person's roles allows something: the platform's, or the one in the organization. */
export function mayDo(person: Me, permission: Permission): boolean {
  const roles = [person.platformRole, person.membership?.role]
  return roles.some((role) => role != null && can(role, permission))
}

export const useMay = (permission: Permission): boolean => mayDo(useMe(), permission)
