/** How long the other side's phone rings before nobody is there; most mailboxes take over earlier. */
export const RING_SECONDS = 45
/** After a creation that was not answered, before Twilio is asked whether there is a call (THREATS F17). */
export const LOOK_UP_SECONDS = 15
/** Asked for once, and once more where the first was lost: never a third time (THREATS F17). */
export const MAX_ATTEMPTS = 2
/** How much clocks may differ when a call is looked for at the carrier by its moment. */
export const CLOCK_SKEW_MS = 10_000
/** From an attempt to the carrier's call: ten seconds for its answer, two looks for what was lost, and some air. */
export const PLACING_SECONDS = 90
