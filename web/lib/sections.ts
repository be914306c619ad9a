import {
  BookOpen,
  Bot,
  Building2,
  ChartColumn,
  CircleGauge,
  Hash,
  HeartPulse,
  ListChecks,
  type LucideIcon,
  Phone,
  Radio,
  Scale,
  ScrollText,
  Settings,
  SlidersHorizontal,
  UsersRound,
  WalletMinimal,
  Webhook,
} from 'lucide-react'
import type { Permission } from '#api/contract/permissions.ts'
import { paths } from './paths.ts'
import { type Me, mayDo } from './session.tsx'

export type SectionKey =
  | 'live'
  | 'calls'
  | 'agents'
  | 'numbers'
  | 'knowledge'
  | 'wallet'
  | 'team'
  | 'settings'
  | 'audit'
  | 'overview'
  | 'organizations'
  | 'platformUsage'
  | 'configuration'
  | 'status'
  | 'jobs'
  | 'webhooks'
  | 'reconciliation'
  | 'platformAudit'
export type Section = {
  key: SectionKey
  href: string
  icon: LucideIcon
  permission: Permission
  /** Pages below its address belong to other sections. */
  isExact?: true
}

export const sections: readonly Section[] = [
  { key: 'live', href: paths.live(), icon: Radio, permission: 'calls.listen' },
  { key: 'calls', href: paths.calls(), icon: Phone, permission: 'calls.read-own' },
  { key: 'agents', href: paths.agents(), icon: Bot, permission: 'agents.read' },
  { key: 'numbers', href: paths.numbers(), icon: Hash, permission: 'phone-numbers.read' },
  { key: 'knowledge', href: paths.knowledge(), icon: BookOpen, permission: 'knowledge.read' },
  { key: 'wallet', href: paths.wallet(), icon: WalletMinimal, permission: 'wallet.read' },
  { key: 'team', href: paths.team(), icon: UsersRound, permission: 'members.read' },
  { key: 'settings', href: paths.settings(), icon: Settings, permission: 'organization.update' },
  { key: 'audit', href: paths.audit(), icon: ScrollText, permission: 'audit.read' },
  {
    key: 'overview',
    href: paths.platform(),
    icon: CircleGauge,
    permission: 'platform.metrics',
    isExact: true,
  },
  {
    key: 'organizations',
    href: paths.platformOrganizations(),
    icon: Building2,
    permission: 'platform.organizations.read',
  },
  {
    key: 'platformUsage',
    href: paths.platformUsage(),
    icon: ChartColumn,
    permission: 'platform.metrics',
  },
  {
    key: 'configuration',
    href: paths.platformConfiguration(),
    icon: SlidersHorizontal,
    permission: 'system.read',
  },
  { key: 'status', href: paths.platformStatus(), icon: HeartPulse, permission: 'system.read' },
  { key: 'jobs', href: paths.platformJobs(), icon: ListChecks, permission: 'system.read' },
  { key: 'webhooks', href: paths.platformWebhooks(), icon: Webhook, permission: 'system.read' },
  {
    key: 'reconciliation',
    href: paths.platformReconciliation(),
    icon: Scale,
    permission: 'system.read',
  },
  {
    key: 'platformAudit',
    href: paths.platformAudit(),
    icon: ScrollText,
    permission: 'platform.audit.read',
  },
]

/** What the side bar shows a person: the same matrix the API guards with. */
export const sectionsFor = (person: Me): Section[] =>
  sections.filter((section) => mayDo(person, section.permission))

/** A section is current on its own page and on those below it. */
export const isCurrent = (section: Section, pathname: string): boolean =>
  pathname === section.href || (!section.isExact && pathname.startsWith(`${section.href}/`))
