import pg from 'pg'

export type RolePasswords = { owner: string; app: string; platform: string }
export type RoleUrls = { app: string; platform: string; owner: string }

// `owner` owns the schema and migrates; `app` serves requests and jobs; `platform` reads across tenants by policy.
const roleNames = {
  owner: 'voxcalls_owner',
  app: 'voxcalls_app',
  platform: 'voxcalls_platform',
} as const

const CONNECT_TIMEOUT_MS = 10_000 // a server that has just started answers late, not never
const settings = {
  // The longest any session may wait for its own client before its locks are freed.
  idle_in_transaction_session_timeout: '30s',
  // A commit that was answered is on disk, whatever the server's default is (THREATS F9).
  synchronous_commit: 'on',
  timezone: 'UTC',
}

/** Makes the three roles and the database, or brings existing ones into order. Safe to run by several at once. */
export async function prepareDatabase(
  adminUrl: string,
  databaseName: string,
  passwords: RolePasswords,
): Promise<RoleUrls> {
  const admin = await connect(adminUrl)
  try {
    await admin.query(`select pg_advisory_lock(hashtext('voxcalls:prepare'))`)
    for (const key of ['owner', 'app', 'platform'] as const) {
      await prepareRole(admin, roleNames[key], passwords[key])
    }
    await prepareEmptyDatabase(admin, databaseName)
  } finally {
    await admin.end()
  }

  const inside = await connect(urlOf(adminUrl, { databaseName }))
  try {
    await inside.query('revoke all on schema public from public')
    await inside.query(`grant all on schema public to ${roleNames.owner}`)
  } finally {
    await inside.end()
  }
  return roleUrls(adminUrl, databaseName, passwords)
}

/** Where the roles log in on the server of `anyUrl`. */
export function roleUrls(anyUrl: string, databaseName: string, passwords: RolePasswords): RoleUrls {
  const url = (key: keyof RolePasswords) =>
    urlOf(anyUrl, { databaseName, role: roleNames[key], password: passwords[key] })
  return { owner: url('owner'), app: url('app'), platform: url('platform') }
}

async function prepareRole(admin: pg.Client, name: string, password: string): Promise<void> {
  const found = await admin.query<{ unbound: boolean }>(
    'select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as unbound from pg_roles where rolname = $1',
    [name],
  )
  const verb = found.rows.length === 0 ? 'create' : 'alter'
  // A provider's admin may not even mention an attribute that only a superuser may change.
  if (found.rows[0]?.unbound) {
    await admin.query(`alter role ${name} nosuperuser nobypassrls nocreaterole nocreatedb`)
  }
  await admin.query(`${verb} role ${name} login password ${pg.escapeLiteral(password)}`)
  for (const [setting, value] of Object.entries(settings)) {
    await admin.query(`alter role ${name} set ${setting} = ${pg.escapeLiteral(value)}`)
  }
}

async function prepareEmptyDatabase(admin: pg.Client, databaseName: string): Promise<void> {
  const name = pg.escapeIdentifier(databaseName)
  const found = await admin.query('select from pg_database where datname = $1', [databaseName])
  if (found.rows.length === 0) {
    // An admin that is no superuser may give a database only to a role it is a member of.
    await admin.query(`do $$ begin
      if not (select rolsuper from pg_roles where rolname = current_user) then
        execute format('grant ${roleNames.owner} to %I', current_user);
      end if;
    end $$`)
    await admin.query(`create database ${name} owner ${roleNames.owner}`)
  }
  await restrictDatabase(admin, databaseName)
}

/** Who may enter: our roles only. A copy of a database does not inherit this. */
export async function restrictDatabase(admin: pg.Client, databaseName: string): Promise<void> {
  const name = pg.escapeIdentifier(databaseName)
  await admin.query(`revoke all on database ${name} from public`)
  await admin.query(`grant connect on database ${name} to ${Object.values(roleNames).join(', ')}`)
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  })
  await client.connect()
  return client
}

function urlOf(
  url: string,
  change: { databaseName: string; role?: string; password?: string },
): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(change.databaseName)}`
  if (change.role) changed.username = change.role
  if (change.password) changed.password = encodeURIComponent(change.password)
  return changed.href
}
