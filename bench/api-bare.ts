import Fastify from 'fastify'
import pg from 'pg'

// A process of its own, the other side of a comparison: one query behind one route, without token, tenant or schema.

pg.types.setTypeParser(20, Number)
const [url, organizationId] = [process.env.BARE_DATABASE_URL, process.env.BARE_ORGANIZATION]
if (!url || !organizationId) throw new Error('BARE_DATABASE_URL and BARE_ORGANIZATION are missing')

const pool = new pg.Pool({ connectionString: url, max: 8 })
// What the list of calls asks, by the columns it answers with.
const text = `
  select c.id, c.kind, c.direction, c.state, c.reason, c.from_number as "fromNumber", c.to_number as "toNumber",
         a.name as "agentName", c.created_at as "createdAt", c.live_at as "liveAt", c.ended_at as "endedAt",
         c.billable_seconds as "durationSeconds", c.cost_cents as "costCents", r.id is not null as "hasRecording"
    from calls c
    left join agents a on a.organization_id = c.organization_id and a.id = c.agent_id
    left join recordings r on r.organization_id = c.organization_id and r.call_id = c.id and r.deleted_at is null
   where c.organization_id = $1
   order by c.created_at desc, c.id desc limit 26`
const app = Fastify()
app.get('/calls', async () => {
  const { rows } = await pool.query({ name: 'calls', text, values: [organizationId] })
  return { items: rows.slice(0, 25), nextCursor: rows.length > 25 ? rows[24].id : null }
})
await app.listen({ host: '127.0.0.1', port: Number(process.env.BARE_PORT) })
process.once('disconnect', () => process.exit(0))
process.send?.('up')
