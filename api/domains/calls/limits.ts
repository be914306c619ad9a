/** How long an owner may be silent before another process takes the call over (THREATS F4). */
export const LEASE_SECONDS = 20
export const HEARTBEAT_SECONDS = 5
/** A media socket must present its token this soon after the answer (THREATS B3). */
export const STREAM_TOKEN_SECONDS = 60
/** Longest call, also set at the vendors (THREATS X-call). */
export const MAX_CALL_SECONDS = 4 * 3600
/** A gateway that dies hands its caller to another one, this often a call (THREATS F2). */
export const MAX_RESUMES = 3
/**
 * Turn numbers of a call's n-th stream begin at n times this: more turns than four hours can hold, so that turns which
 * a dead gateway still has on disk keep their place before those of its successor.
 */
export const TURNS_A_STREAM = 10_000
/** Calls one caller may place in a minute (THREATS T16). */
export const CALLER_RATE_PER_MINUTE = 6
/** Seconds past the funded second in which the carrier itself ends the call. */
export const CARRIER_GRACE_SECONDS = 2
/** A running call goes on this long on its last slice while Postgres is away (THREATS F8). */
export const DATABASE_AWAY_GRACE_SECONDS = 30
/** A console ticket must be used this soon (THREATS B5). */
export const LIVE_TICKET_SECONDS = 30
