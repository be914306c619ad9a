import { z } from 'zod'
import type { Role } from '#api/contract/permissions.ts'
import type { Config } from '#api/core/config.ts'
import { type JsonApi, jsonApi } from '../api/vendors/json-api.ts'

export type Person = { role: Role; email: string; firstName: string; lastName: string }

/** One sign-in for every seeded person: they exist in the sandbox only. */
export const PASSWORD = 'sandbox-pass-1'

/** One person for each role of an organization. */
export const membersOf = (
  slug: string,
): (Person & { role: 'admin' | 'org_manager' | 'sales_person' })[] => [
  { role: 'admin', email: `admin@${slug}.test`, firstName: 'Ada', lastName: 'Admin' },
  { role: 'org_manager', email: `manager@${slug}.test`, firstName: 'Max', lastName: 'Manager' },
  { role: 'sales_person', email: `sales@${slug}.test`, firstName: 'Rita', lastName: 'Rep' },
]

const users = z.array(z.object({ id: z.string() }))

/** Clerk's stand-in, through the same Backend API that Clerk has. */
export function peopleAt(clerk: Config['clerk']): { ensure(person: Person): Promise<string> } {
  if (!clerk.apiUrl) throw new Error('Only the sandbox is seeded, and CLERK_API_URL is not set.')
  const api: JsonApi = jsonApi({
    name: 'clerk',
    baseUrl: clerk.apiUrl,
    headers: { authorization: `Bearer ${clerk.secretKey}` },
    errorCode: () => undefined,
  })
  return {
    async ensure(person) {
      const [known] = await api.call(
        {
          operation: 'list-users',
          method: 'GET',
          path: '/v1/users',
          query: { email_address: person.email },
          repeatable: true,
        },
        users,
      )
      if (known) return known.id
      const made = await api.call(
        {
          operation: 'create-user',
          method: 'POST',
          path: '/v1/users',
          body: {
            email_address: [person.email],
            password: PASSWORD,
            first_name: person.firstName,
            last_name: person.lastName,
          },
          repeatable: false,
        },
        z.object({ id: z.string() }),
      )
      return made.id
    },
  }
}
