/** Whether the process answers at all; asks nobody else. */
export const GET = (): Response => new Response('ok', { headers: { 'cache-control': 'no-store' } })
