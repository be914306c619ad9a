const MINUTE = 60
const HOUR = 3_600

// The schedule Standard Webhooks recommends: about three days until a message is given up.
const PAUSES_SECONDS = [
  5,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]
const JITTER = 0.1 // so that all messages of an address that was down do not come back in step

/** Seconds until the next try after `attempts` failed ones; null when it was the last. */
export function pauseAfter(attempts: number, random: () => number = Math.random): number | null {
  const pause = PAUSES_SECONDS[attempts - 1]
  return pause === undefined ? null : Math.round(pause * (1 + JITTER * random()))
}

/** An address that took nothing for so long is switched off. */
export const DISABLE_AFTER_FAILING_SECONDS = 5 * 24 * HOUR
