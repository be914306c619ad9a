import { CircleGauge, type LucideIcon, Phone, Radio } from 'lucide-react'
import type { Permission } from '#api/contract/permissions.ts'
import { paths } from './paths.ts'
import { type Me, mayDo } from './session.tsx'

export type SectionKey = 'overview' | 'live' | 'calls'
export type Section = { key: SectionKey; href: string; icon: LucideIcon; permission: Permission }

const sections: readonly Section[] = [
  {
    key: 'overview',
    href: paths.home(),
    icon: CircleGauge,
    permission: 'platform.organizations.read',
  },
  { key: 'live', href: paths.live(), icon: Radio, permission: 'calls.listen' },
  { key: 'calls', href: paths.calls(), icon: Phone, permission: 'calls.read-own' },
]

/** What the side bar shows a person: the same matrix the API guards with. */
export const sectionsFor = (person: Me): Section[] =>
  sections.filter((section) => mayDo(person, section.permission))

/** A section is current on its own page and on those below it. */
export const isCurrent = (section: Section, pathname: string): boolean =>
  pathname === section.href || (section.href !== '/' && pathname.startsWith(`${section.href}/`))
