'use client'
import { createContext, type ReactNode, useContext } from 'react'

const GrantersContext = createContext<ReactNode>(null)

/** Gives every refusal below it the people to ask; they are only looked up where a refusal shows them. */
export const GrantersProvider = (props: { people: ReactNode; children: ReactNode }) => (
  <GrantersContext value={props.people}>{props.children}</GrantersContext>
)

/** The people who can grant what somebody lacks, where there are any to name. */
export const useGranters = (): ReactNode => useContext(GrantersContext)
