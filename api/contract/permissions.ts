export const platformRoles = ['super_admin', 'manager'] as const
export const organizationRoles = ['admin', 'org_manager', 'sales_person'] as const
export const roles = [...platformRoles, ...organizationRoles] as const

export type PlatformRole = (typeof platformRoles)[number]
export type OrganizationRole = (typeof organizationRoles)[number]
export type Role = (typeof roles)[number]

export const permissions = [
  'platform.metrics',
  'platform.organizations.read',
  'platform.organizations.manage',
  'system.read',
  'system.write',
  'flags.write',
  'wallet.adjust',
  'billing.override',
  'platform.roles.assign',
  'platform.audit.read',
  'organization.read',
  'wallet.status',
  'knowledge.read',
  'competitors.read',
  'calls.read-own',
  'analysis.read-own',
  'organization.update',
  'members.invite',
  'members.update',
  'members.remove',
  'audit.read',
  'wallet.read',
  'wallet.top-up',
  'agents.write',
  'phone-numbers.write',
  'knowledge.write',
  'competitors.write',
  'members.read',
  'agents.read',
  'phone-numbers.read',
  'calls.read-organization',
  'calls.listen',
  'analysis.read-organization',
  'coaching.read-team',
  'reports.read',
  'reports.export',
  'calls.start',
  'mock-calls.start',
  'mock-calls.read-own',
  'coaching.read-own',
  'scenarios.write',
] as const
export type Permission = (typeof permissions)[number]

const everyMember = [
  'organization.read',
  'wallet.status',
  'knowledge.read',
  'competitors.read',
  'calls.read-own',
  'analysis.read-own',
  'calls.start',
] as const satisfies Permission[]

const leads = [
  'members.read',
  'agents.read',
  'phone-numbers.read',
  'calls.read-organization',
  'calls.listen',
  'analysis.read-organization',
  'coaching.read-team',
  'reports.read',
  'reports.export',
  'scenarios.write',
] as const satisfies Permission[]

const practises = [
  'mock-calls.start',
  'mock-calls.read-own',
  'coaching.read-own',
] as const satisfies Permission[]

/** Who may do what: read by the guard, the console, the documents and the permission walk. */
export const matrix: Record<Role, readonly Permission[]> = {
  super_admin: [
    'platform.metrics',
    'platform.organizations.read',
    'platform.organizations.manage',
    'system.read',
    'system.write',
    'flags.write',
    'wallet.adjust',
    'billing.override',
    'platform.roles.assign',
    'platform.audit.read',
  ],
  manager: ['platform.metrics', 'platform.organizations.read'],
  admin: [
    ...everyMember,
    ...leads,
    'organization.update',
    'members.invite',
    'members.update',
    'members.remove',
    'audit.read',
    'wallet.read',
    'wallet.top-up',
    'agents.write',
    'phone-numbers.write',
    'knowledge.write',
    'competitors.write',
  ],
  org_manager: [...everyMember, ...leads, ...practises],
  sales_person: [...everyMember, ...practises],
}

/** Whether somebody of one role may give another, or take it away: never one above their own. */
export const mayGive = (own: OrganizationRole, role: OrganizationRole): boolean =>
  organizationRoles.indexOf(role) >= organizationRoles.indexOf(own)

export const can = (role: Role, permission: Permission): boolean =>
  matrix[role].includes(permission)
